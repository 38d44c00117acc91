//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// source is the address from which a holder makes its i-th connection.
func source(number, i int) [4]byte {
	return [4]byte{127, byte(1 + i/perAddress), byte(number / 250), byte(1 + number%250)}
}

func listen(addr [4]byte, port int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: addr, Port: port}); err != nil {
		return -1, fmt.Errorf("bind: %w", err)
	}
	return fd, unix.Listen(fd, 4096)
}

func connect(from [4]byte, to unix.Sockaddr) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	// The port is chosen by connect(2), which may share it between destinations.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: from}); err != nil {
		return -1, fmt.Errorf("bind: %w", err)
	}
	if err := unix.Connect(fd, to); err != nil {
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

// toPeer makes connections to the peer and tells it what to do with them. It
// returns when the peer has done it.
func toPeer(number, n int, order byte) error {
	fds := make([]int, n)
	to := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: peerPort}
	for i := range fds {
		fd, err := connect(source(number, i), to)
		if err != nil {
			return err
		}
		if _, err := unix.Write(fd, []byte{order}); err != nil {
			return err
		}
		fds[i] = fd
	}
	if order != closeIt {
		return nil
	}
	for _, fd := range fds {
		if err := untilEOF(fd); err != nil {
			return err
		}
	}
	return nil
}

// untilEOF waits for the peer's FIN and reads it: the program knows that the
// peer is gone, and does not close.
func untilEOF(fd int) error {
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 30}); err != nil {
		return err
	}
	buf := make([]byte, 1)
	for {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("wait %s for the peer to close: %w", 30*time.Second, err)
		case n == 0:
			return nil
		}
	}
}
