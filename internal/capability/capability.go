//go:build linux

// Package capability tells which capabilities(7) this process has. The code is
// for Linux only.
package capability

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Set is a set of capabilities, a bit for each.
type Set uint64

// Has reports whether a capability, such as unix.CAP_BPF, is in the set.
func (s Set) Has(bit uint) bool { return s&(1<<bit) != 0 }

// Effective returns those that are effective in the calling thread
// (capget(2)). It needs no privilege.
func Effective() (Set, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // 32 capabilities each
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0, fmt.Errorf("capget: %w", err)
	}
	return Set(data[0].Effective) | Set(data[1].Effective)<<32, nil
}
