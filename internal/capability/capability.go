//go:build linux

// Package capability tells which capabilities(7) this process has, and drops
// some. The code is for Linux only.
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
	data, err := get()
	return Set(data[0].Effective) | Set(data[1].Effective)<<32, err
}

// Permitted returns those that the calling thread may make effective
// (capget(2)). It needs no privilege.
func Permitted() (Set, error) {
	data, err := get()
	return Set(data[0].Permitted) | Set(data[1].Permitted)<<32, err
}

// Ambient returns those of the set that are ambient in the calling thread: the
// ones that it has without a file that has them (PR_CAP_AMBIENT, prctl(2)).
// Kernels before 4.3 have no ambient capabilities.
func Ambient(of Set) (ambient Set) {
	for bit := range uint(64) {
		if !of.Has(bit) {
			continue
		}
		set, err := unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, uintptr(bit), 0, 0)
		if err == nil && set == 1 {
			ambient |= 1 << bit
		}
	}
	return ambient
}

// Limit takes all capabilities but those of the set from the calling thread
// (capset(2)), which cannot get them back.
func Limit(to Set) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for i := range data {
		part := uint32(to >> (32 * i))
		data[i] = unix.CapUserData{Effective: part, Permitted: part, Inheritable: part}
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}

func get() (data [2]unix.CapUserData, err error) { // 32 capabilities each
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &data[0]); err != nil {
		return data, fmt.Errorf("capget: %w", err)
	}
	return data, nil
}
