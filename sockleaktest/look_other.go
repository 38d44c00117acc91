//go:build !linux

package sockleaktest

import (
	"errors"
	"fmt"
	"runtime"
)

// look needs /proc/self/fd and the socket options of Linux.
func look() ([]Socket, error) {
	return nil, fmt.Errorf("sockleaktest: nothing was checked on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// pollerSockets is needed where look finds sockets only.
func pollerSockets() []registration { return nil }
