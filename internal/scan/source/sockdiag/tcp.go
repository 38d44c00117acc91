//go:build linux

package sockdiag

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// Filter says which TCP sockets are wanted; the kernel applies it. The zero
// value wants all but the bound-inactive ones.
type Filter struct {
	// States are the wanted states; 0 means all but BOUND_INACTIVE. SYN_RECV
	// takes in NEW_SYN_RECV.
	States socket.States
	// LocalPorts and RemotePorts, when one of them is not empty, are the ports
	// of which a wanted socket has one, as its own or as its peer's.
	LocalPorts, RemotePorts []uint16
	// CgroupID, when not 0, is the cgroup v2 in which a wanted socket was
	// made: the inode of the cgroup's directory. It leaves out what belongs
	// to no cgroup, TIME_WAIT for one. Linux 5.8+, errors.ErrUnsupported
	// before.
	CgroupID uint64
	// Brief leaves struct tcp_info out of the rows, which then have all but
	// HasTCPInfo: it is most of what a row costs the kernel. [Conn.Lookup]
	// has it of those that turn out to be wanted.
	Brief bool
}

// ext asks for the attributes of the rows.
func (f *Filter) ext() uint8 {
	if f.Brief {
		return 0
	}
	return extInfo
}

// states is the set to ask for.
func (f *Filter) states() socket.States {
	if f.States == 0 {
		return socket.AllStates &^ socket.StateSet(socket.BoundInactive)
	}
	return f.States
}

// TCP yields the TCP sockets of both address families that the filter lets
// through. A socket is valid only until yield returns, and may come more than
// once. An inode of 0 means that no file refers to the socket: it waits in an
// accept queue, or its program has closed it. A socket in CLOSE with
// [socket.NotInTable] is one whose connection ended while it was being dumped.
//
// Errors: [ErrNoModule], [ErrInterrupted], [ErrMalformed], errors.ErrUnsupported
// for a filter that the kernel does not know, the context's, and yield's.
func (c *Conn) TCP(ctx context.Context, f Filter, yield func(*socket.Socket) error) error {
	program, err := f.bytecode()
	if err != nil {
		return err
	}
	tells := f.CgroupID == 0 && len(f.LocalPorts)+len(f.RemotePorts) == 0 && !f.Brief && kernelAtLeast(6, 15)
	subflows := !tells
	parse := func(row []byte, s *socket.Socket) error {
		err := parseTCP(row, s)
		subflows = subflows || err == nil && isSubflow(row)
		return err
	}
	c.plainTCP = false
	q := query{what: "tcp", kind: tcpdiagGetsock, request: tcpRequest(f.ext(), f.states(), program), parse: parse}
	err = c.dump(ctx, q, yield)
	if errors.Is(err, unix.EOPNOTSUPP) {
		err = c.tcpByFamily(ctx, f, program, parse, yield)
	}
	c.plainTCP = err == nil && !subflows
	return err
}

// tcpByFamily dumps IPv4 and then IPv6, for kernels without the request of old.
func (c *Conn) tcpByFamily(ctx context.Context, f Filter, program []byte, parse rowParser, yield func(*socket.Socket) error) error {
	return c.eachFamily(func(family socket.Family) error {
		request := inetRequest(family, socket.TCP, f.ext(), f.states(), program)
		return c.dump(ctx, query{what: "tcp", kind: byFamily, request: request, parse: parse}, yield)
	})
}

// BoundInactive yields the TCP sockets that are bound to a port and neither
// listen nor connect, with [socket.Bound]. Those bound to a port of the
// program's choice stay there when their connection fails or is reset: they
// come in state CLOSE with the remote address and [socket.NotInTable]. It takes
// Linux 6.8: where none was found and the kernel is older, the error is
// errors.ErrUnsupported.
func (c *Conn) BoundInactive(ctx context.Context, yield func(*socket.Socket) error) error {
	var found bool
	err := c.TCP(ctx, Filter{States: socket.StateSet(socket.BoundInactive)}, func(s *socket.Socket) error {
		found = true
		return yield(s)
	})
	if err != nil || found || kernelAtLeast(6, 8) {
		return err
	}
	return fmt.Errorf("dump bound tcp sockets: %w before Linux 6.8", errors.ErrUnsupported)
}

// kernelAtLeast compares the running kernel's release (uname(2)).
func kernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	var gotMajor, gotMinor int
	if unix.Uname(&u) != nil {
		return false
	}
	if _, err := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &gotMajor, &gotMinor); err != nil {
		return false
	}
	return gotMajor > major || gotMajor == major && gotMinor >= minor
}
