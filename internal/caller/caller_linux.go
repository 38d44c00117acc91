package caller

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// capabilities is a set of capabilities(7), a bit for each.
type capabilities uint64

// Do calls f with the caller's capabilities only: without those that the file
// of the program has added (capget(2), PR_CAP_AMBIENT). Goroutines that f
// starts have them again. f must not call runtime.Goexit.
func Do(f func() error) error {
	own, gained, err := rights()
	if err != nil {
		return fmt.Errorf("find out which capabilities the caller has: %w", err)
	}
	if !gained {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		// Capabilities belong to a thread. It is never unlocked, so that it ends
		// with the goroutine: nothing else ever runs without them.
		runtime.LockOSThread()
		err := limit(own)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// rights returns the capabilities that the caller has himself, and whether
// the file of the program has added any. Root's are his own. Of others it is
// the ambient ones: executing a file that has capabilities clears them.
func rights() (own capabilities, gained bool, err error) {
	if os.Getuid() == 0 {
		return 0, false, nil
	}
	permitted, err := permitted()
	if err != nil || permitted == 0 {
		return 0, false, err
	}
	for bit := range 64 {
		if permitted&(1<<bit) == 0 {
			continue
		}
		// Kernels before 4.3 have no ambient set and say EINVAL.
		if set, err := unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, uintptr(bit), 0, 0); err == nil && set == 1 {
			own |= 1 << bit
		}
	}
	return own, permitted&^own != 0, nil
}

// permitted returns the permitted capabilities of the calling thread.
func permitted() (capabilities, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData // 32 capabilities each
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0, err
	}
	return capabilities(data[0].Permitted) | capabilities(data[1].Permitted)<<32, nil
}

// limit takes all other capabilities from the calling thread.
func limit(to capabilities) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	for i := range data {
		part := uint32(to >> (32 * i))
		data[i] = unix.CapUserData{Effective: part, Permitted: part, Inheritable: part}
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	return nil
}
