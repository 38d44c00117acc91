//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The load is made of two kinds of processes. A holder makes sockets in one
// state and keeps them; the peer keeps or closes the other ends. Both say
// "ready" when they are, and then wait to be killed.

// peerPort is where the peer listens, on 127.0.0.1 of the host's own namespace.
const peerPort = 20000

// What a holder asks of the peer with the first byte of a connection.
const (
	keepOpen = 'k'
	closeIt  = 'c'
)

// perAddress bounds how many connections leave from one source address: the
// ephemeral ports of one address are fewer than the sockets of a full run.
const perAddress = 20000

// runPeer accepts connections and does what their first byte asks for.
func runPeer() error {
	listener, err := listen([4]byte{127, 0, 0, 1}, peerPort)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	order := make([]byte, 1)
	for {
		fd, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		if n, err := unix.Read(fd, order); err != nil || n == 0 || order[0] == closeIt {
			_ = unix.Close(fd)
		}
	}
}

// runHold makes what the arguments ask for: NUMBER KIND SOCKETS FILES. The
// number tells holders apart, which each have a source address of their own.
func runHold(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("hold: want NUMBER KIND SOCKETS FILES, have %q", args)
	}
	number, _ := strconv.Atoi(args[0])
	sockets, _ := strconv.Atoi(args[2])
	files, _ := strconv.Atoi(args[3])
	if err := hold(number, args[1], sockets); err != nil {
		return fmt.Errorf("hold %s: %w", args[1], err)
	}
	for range files {
		if _, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	for {
		_ = unix.Pause()
	}
}

func hold(number int, kind string, n int) error {
	switch kind {
	case "mixed":
		return mixed(number, n)
	case "pairs":
		return pairs(number, n/2)
	case "closewait":
		return toPeer(number, n, closeIt)
	}
	return fmt.Errorf("unknown kind of load")
}

// mixed is what a small server holds: connections to and from others, some
// leaked, listeners, datagram and UNIX sockets.
func mixed(number, n int) error {
	leaked, open := n*3/10, n-n*3/10-n/10*2-n/20*2
	if err := toPeer(number, open, keepOpen); err != nil {
		return err
	}
	if err := toPeer(number+100, leaked, closeIt); err != nil {
		return err
	}
	for range n / 10 {
		if _, err := listen(source(number, 0), 0); err != nil {
			return err
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: source(number, 0)}); err != nil {
			return err
		}
	}
	for range n / 20 {
		if _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
	}
	return nil
}

// pairs makes connections of which the process holds both ends.
func pairs(number, n int) error {
	listener, err := listen(source(number, 0), 0)
	if err != nil {
		return err
	}
	to, err := unix.Getsockname(listener)
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := connect(source(number, i), to); err != nil {
			return err
		}
		if _, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC); err != nil {
			return fmt.Errorf("accept: %w", err)
		}
	}
	return unix.Close(listener)
}
