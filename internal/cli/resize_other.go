//go:build !unix

package cli

import "os"

// notifyResize never tells: the next look shows the page in its new size.
func notifyResize() (resized <-chan os.Signal, stop func()) { return nil, func() {} }
