//go:build linux

package sockdiag

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// threadNetNS names the network namespace of the calling thread.
const threadNetNS = "/proc/thread-self/ns/net"

// OpenIn returns a Conn in the network namespace at path, such as
// /proc/PID/ns/net or /run/netns/NAME. In one's own namespace that needs
// nothing. In another it needs CAP_SYS_ADMIN, and to open the file of another
// user's process also CAP_SYS_PTRACE (errors wrap fs.ErrPermission). When the
// process is gone the error wraps fs.ErrNotExist.
func OpenIn(path string) (*Conn, error) {
	target, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open network namespace: %w", err)
	}
	defer target.Close()
	type result struct {
		conn *Conn
		err  error
	}
	answer := make(chan result, 1)
	go func() {
		// A goroutine of its own, so that a thread that cannot be brought
		// back ends with it rather than going on to serve others.
		conn, err := openFrom(target)
		answer <- result{conn, err}
	}()
	r := <-answer
	if r.err != nil {
		return nil, fmt.Errorf("read sockets in %s: %w", path, r.err)
	}
	return r.conn, nil
}

// openFrom opens a Conn in the namespace, on a thread that it locks. It
// unlocks the thread only when that is back in its own namespace.
func openFrom(target *os.File) (*Conn, error) {
	runtime.LockOSThread()
	home, err := os.Open(threadNetNS)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("open own network namespace: %w", err)
	}
	defer home.Close()
	there, here, err := inodes(target, home)
	if err != nil || there == here {
		runtime.UnlockOSThread()
		if err != nil {
			return nil, err
		}
		return newConn(here)
	}
	if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("enter network namespace (needs CAP_SYS_ADMIN): %w", err)
	}
	conn, err := newConn(there)
	if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return conn, err
}

// inodes returns the inode numbers of two namespaces.
func inodes(target, home *os.File) (there, here uint64, err error) {
	t, err := target.Stat()
	if err != nil {
		return 0, 0, err
	}
	h, err := home.Stat()
	if err != nil {
		return 0, 0, err
	}
	return inode(t), inode(h), nil
}
