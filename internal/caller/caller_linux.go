package caller

import (
	"fmt"
	"os"
	"runtime"

	"github.com/sockleak/sockleak/internal/capability"
)

// Limit takes from this thread the capabilities that the file of the program has
// added. The thread must be locked, and never be unlocked.
func Limit() error {
	own, gained, err := rights()
	if err != nil {
		return fmt.Errorf("find out which capabilities the caller has: %w", err)
	}
	if !gained {
		return nil
	}
	return capability.Limit(own)
}

// Do calls f with the caller's capabilities only: without those that the file
// of the program has added. Goroutines that f starts have them again. f must
// not call runtime.Goexit.
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
		err := capability.Limit(own)
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
func rights() (own capability.Set, gained bool, err error) {
	if os.Getuid() == 0 {
		return 0, false, nil
	}
	permitted, err := capability.Permitted()
	if err != nil || permitted == 0 {
		return 0, false, err
	}
	own = capability.Ambient(permitted)
	return own, permitted&^own != 0, nil
}
