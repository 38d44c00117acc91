//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyResize tells when the terminal has got another size, until stop is
// called.
func notifyResize() (resized <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}
