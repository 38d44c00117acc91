//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

const (
	// bufferSize is the most that the kernel puts into one datagram of a
	// dump (net/netlink/af_netlink.c, netlink_dump); it fills as much as the
	// reader has room for.
	bufferSize = 32 << 10
	// answerTimeout bounds the wait for an answer that was lost. The kernel
	// fills a dump while it is being read, so that it never takes long.
	answerTimeout = 10 // seconds
)

// Conn is a sock_diag(7) socket in one network namespace. It is not for
// concurrent use.
type Conn struct {
	fd    int
	port  uint32 // our netlink port id
	netns uint64
	seq   uint32
	// unfinished is true after a dump that was left before its end: the
	// kernel refuses a second one until the first has been read.
	unfinished bool
	plainTCP   bool // see MayHaveMPTCP
	buf        []byte
	requests   []byte        // of Lookup
	row        socket.Socket // what is yielded, filled in again for each row
	unix       socket.UnixInfo
}

// Open returns a Conn in the caller's network namespace. It needs no
// privilege. An error means that the kernel has no NETLINK_SOCK_DIAG or that a
// sandbox forbids it.
func Open() (*Conn, error) {
	// The namespace belongs to the thread. A thread that is in another one is
	// locked to the goroutine that went there (netns.Do): should that be this
	// one, both calls come from it, and else all threads are the same.
	var ns uint64
	if info, err := os.Stat(threadNetNS); err == nil {
		ns = inode(info)
	}
	return newConn(ns)
}

// newConn opens the socket in the namespace of the calling thread, which is
// named by its inode.
func newConn(ns uint64) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("open a sock_diag socket: %w", err)
	}
	c := &Conn{fd: fd, netns: ns, buf: make([]byte, bufferSize)}
	if err := c.setUp(); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("set up a sock_diag socket: %w", err)
	}
	return c, nil
}

// setUp gives the socket the port id by which answers are known to be ours,
// and connects it to the kernel, which is port 0: what other processes send to
// our port is then refused (net/netlink/af_netlink.c, netlink_getsockbyportid).
func (c *Conn) setUp() error {
	kernel := &unix.SockaddrNetlink{Family: unix.AF_NETLINK}
	if err := unix.Bind(c.fd, kernel); err != nil { // port 0 asks for a free one
		return err
	}
	if err := unix.Connect(c.fd, kernel); err != nil {
		return err
	}
	sa, err := unix.Getsockname(c.fd)
	if err != nil {
		return err
	}
	own, ok := sa.(*unix.SockaddrNetlink)
	if !ok {
		return malformed("the socket's own address is no netlink address")
	}
	c.port = own.Pid
	return unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: answerTimeout})
}

// NetNS returns the inode of the network namespace that the Conn reads, as
// /proc/PID/ns/net names it; 0 when /proc could not tell.
func (c *Conn) NetNS() uint64 { return c.netns }

// Close closes the socket. The Conn cannot be used any more.
func (c *Conn) Close() error {
	fd := c.fd
	c.fd = -1
	return unix.Close(fd)
}

// send sends one or more messages, numbering them on from the Conn's
// sequence number, and returns the number of the first.
func (c *Conn) send(messages []byte) (first uint32, err error) {
	first = c.seq + 1
	for b := messages; len(b) > 0; b = b[binary.NativeEndian.Uint32(b):] {
		c.seq++
		binary.NativeEndian.PutUint32(b[8:], c.seq)
	}
	_, err = unix.Write(c.fd, messages)
	return first, err
}

// receive returns the next datagram of the kernel; it is valid until the next
// call. ENOBUFS means that datagrams were lost.
func (c *Conn) receive(ctx context.Context) ([]byte, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// The wrappers of recvfrom and recvmsg allocate an address each time,
		// and read(2) does not tell when it cuts a datagram.
		n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(c.fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(c.buf))), uintptr(len(c.buf)), unix.MSG_TRUNC, 0, 0)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			return nil, ErrTimeout
		case errno != 0:
			return nil, errno
		case n > uintptr(len(c.buf)): // MSG_TRUNC: its real length
			return nil, malformed("datagram of %d bytes", n)
		}
		return c.buf[:n], nil
	}
}

// inode is the inode number of a file that was stat'ed.
func inode(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}
