//go:build linux

// Package netns runs code in the network namespace of another process
// (setns(2), network_namespaces(7)).
package netns

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// thread names the network namespace of the calling thread.
const thread = "/proc/thread-self/ns/net"

// Do calls do on a thread that is in the network namespace at path, such as
// /proc/PID/ns/net or /run/netns/NAME, with the inode of that namespace. What
// do opens stays there: sockets, and files of /proc/sys/net. It must not start
// goroutines that go on, nor unlock the thread.
//
// In one's own namespace that needs nothing. In another it needs CAP_SYS_ADMIN,
// and to open the file of another user's process also CAP_SYS_PTRACE (errors
// wrap fs.ErrPermission). When the process is gone the error wraps
// fs.ErrNotExist.
func Do(path string, do func(id uint64) error) error {
	target, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open network namespace: %w", err)
	}
	defer target.Close()
	answer := make(chan error, 1)
	go func() {
		// A goroutine of its own, so that a thread that cannot be brought
		// back ends with it rather than going on to serve others.
		answer <- enter(target, do)
	}()
	return <-answer
}

// enter is Do on a thread that it locks. It unlocks the thread only when that
// is back in its own namespace.
func enter(target *os.File, do func(id uint64) error) error {
	runtime.LockOSThread()
	home, err := os.Open(thread)
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("open own network namespace: %w", err)
	}
	defer home.Close()
	there, err := inode(target)
	here, homeErr := inode(home)
	if err = errors.Join(err, homeErr); err != nil || there == here {
		runtime.UnlockOSThread()
		if err != nil {
			return err
		}
		return do(here)
	}
	if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter network namespace (needs CAP_SYS_ADMIN): %w", err)
	}
	err = do(there)
	if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return err
}

// inode is the inode number of an open file.
func inode(f *os.File) (uint64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino, nil
	}
	return 0, fmt.Errorf("stat %s: no inode number", f.Name())
}
