//go:build !linux

package supervise

import (
	"errors"
	"os"
	"runtime"
	"syscall"

	"github.com/sockleak/sockleak/internal/socket"
)

// descent knows the command's own process only.
type descent struct{}

func (d *descent) open() error        { return nil }
func (d *descent) close() error       { return nil }
func (d *descent) read([]*Tree) error { return nil }
func (d *descent) walk([]*Tree) bool  { return false }

func (d *descent) identify(pid int) socket.ProcessID { return socket.ProcessID{PID: pid} }

func (d *descent) processes(t *Tree) []socket.ProcessID {
	select {
	case <-t.done:
		return nil
	default:
		return []socket.ProcessID{t.root}
	}
}

// Limit says what is not followed on this system; "" when nothing is missing.
func (s *Supervisor) Limit() string {
	return "processes that the command starts are not followed on " + runtime.GOOS
}

// signalAll sends the signal to the command's own process.
func (t *Tree) signalAll(sig syscall.Signal) error {
	err := t.proc.Signal(sig)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
