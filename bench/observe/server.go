//go:build linux

package main

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// server accepts connections and echoes what comes: one thread, and one epoll
// set that watches all of them.
func server() error {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	err = errors.Join(unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(listener, 4096), watch(set, listener))
	if err != nil {
		return err
	}
	bound, err := unix.Getsockname(listener)
	if err != nil {
		return err
	}
	fmt.Printf("127.0.0.1:%d\n", bound.(*unix.SockaddrInet4).Port)
	events, data := make([]unix.EpollEvent, 64), make([]byte, 4096)
	for {
		n, err := unix.EpollWait(set, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(0, n)] {
			if err := handle(set, listener, int(e.Fd), data); err != nil {
				return err
			}
		}
	}
}

func watch(set, fd int) error {
	return unix.EpollCtl(set, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func handle(set, listener, fd int, data []byte) error {
	if fd == listener {
		c, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		if err != nil {
			return err
		}
		return watch(set, c)
	}
	n, err := unix.Read(fd, data)
	if err != nil || n == 0 {
		return unix.Close(fd)
	}
	_, err = unix.Write(fd, data[:n])
	return err
}
