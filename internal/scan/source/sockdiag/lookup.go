//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// lookupBatch is how many look-ups go to the kernel at a time. All of their
// answers, each a datagram of its own of at most some 2 KiB of accounted
// memory, must fit into the default receive buffer of 208 KiB.
const lookupBatch = 32

// Tuple names a TCP socket.
type Tuple struct {
	Local  netip.AddrPort
	Remote netip.AddrPort // the zero value for a listener
	Device uint32         // Socket.Device: interface that it is bound to
	Cookie uint64         // 0: any socket with these addresses
}

// Lookup yields the TCP sockets with exactly the given addresses and cookie,
// and for each its index in tuples; those that do not exist (any more) are not
// yielded. It costs the same on any host. A socket is valid only until yield
// returns.
//
// It finds connections and listeners, not bound-inactive sockets. Of listeners
// that share a port (SO_REUSEPORT) the kernel picks one.
func (c *Conn) Lookup(ctx context.Context, tuples []Tuple, yield func(i int, s *socket.Socket) error) error {
	for start := 0; start < len(tuples); start += lookupBatch {
		if err := c.finish(ctx); err != nil {
			return fmt.Errorf("look up tcp sockets: %w", err)
		}
		batch := tuples[start:min(start+lookupBatch, len(tuples))]
		err := c.lookupBatch(ctx, batch, func(i int, s *socket.Socket) error { return yield(start+i, s) })
		if err != nil {
			return fmt.Errorf("look up tcp sockets: %w", err)
		}
	}
	return nil
}

// lookupBatch asks for all the tuples in one datagram and reads the answer to
// each. It reads them all even when yield fails.
func (c *Conn) lookupBatch(ctx context.Context, batch []Tuple, yield func(i int, s *socket.Socket) error) error {
	c.requests = slices.Grow(c.requests[:0], len(batch)*lookupSize)
	for i := range batch {
		c.requests = appendLookup(c.requests, &batch[i])
	}
	first, err := c.send(c.requests)
	if err != nil {
		return err
	}
	var failed error
	for open := len(batch); open > 0; {
		b, err := c.receive(ctx)
		if errors.Is(err, unix.ENOBUFS) {
			c.discard()
			return fmt.Errorf("%w: answers were lost", ErrInterrupted)
		}
		if err != nil {
			return err
		}
		m, _, err := cutMessage(b) // each answer is a datagram of its own
		if err != nil {
			return err
		}
		i := m.seq - first
		if m.port != c.port || i >= uint32(len(batch)) {
			continue // the rest of an earlier request
		}
		open--
		if failed == nil {
			failed = c.lookupAnswer(&m, &batch[i], int(i), yield)
		}
	}
	return failed
}

// discard empties the receive queue. After an overrun the kernel puts nothing
// into it before that (net/netlink/af_netlink.c, NETLINK_S_CONGESTED).
func (c *Conn) discard() {
	for {
		_, _, err := unix.Recvfrom(c.fd, c.buf, unix.MSG_DONTWAIT)
		if err != nil && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// lookupAnswer handles the answer to one look-up.
func (c *Conn) lookupAnswer(m *message, t *Tuple, i int, yield func(int, *socket.Socket) error) error {
	switch m.kind {
	case unix.NLMSG_ERROR:
		errno, err := m.errno()
		if err != nil || errno == unix.ENOENT || errno == unix.ESTALE {
			return err
		}
		return answerError(errno)
	case byFamily:
		c.row = socket.Socket{NetNS: c.netns}
		if err := parseTCP(m.body, &c.row); err != nil {
			return err
		}
		if !t.names(&c.row) {
			return nil
		}
		return yield(i, &c.row)
	}
	return malformed("message of type %d instead of %d", m.kind, byFamily)
}

// names reports whether the socket is the one that was asked for: where there
// is no such connection, the kernel answers with the listener on its port.
func (t *Tuple) names(s *socket.Socket) bool {
	return s.Local == t.Local && s.Remote == t.Remote && (t.Cookie == 0 || s.Cookie == t.Cookie)
}

// lookupSize is the size of one request.
const lookupSize = unix.SizeofNlMsghdr + sizeofInetDiagReqV2

// appendLookup appends a request for one socket: struct inet_diag_req_v2 with
// all of its id, and no NLM_F_DUMP.
func appendLookup(b []byte, t *Tuple) []byte {
	var r [lookupSize]byte
	binary.NativeEndian.PutUint32(r[0:], uint32(len(r)))
	binary.NativeEndian.PutUint16(r[4:], byFamily)
	binary.NativeEndian.PutUint16(r[6:], unix.NLM_F_REQUEST)
	body := r[unix.SizeofNlMsghdr:]
	body[0] = unix.AF_INET6
	if t.Local.Addr().Is4() {
		// This finds IPv4-mapped connections too, which are in the same
		// chains as those of IPv4 sockets.
		body[0] = unix.AF_INET
	}
	body[1] = unix.IPPROTO_TCP
	body[2] = extInfo
	binary.NativeEndian.PutUint32(body[4:], uint32(socket.AllStates))
	id := body[8:]
	putAddrPort(id[4:20], id[0:2], t.Local)
	putAddrPort(id[20:36], id[2:4], t.Remote)
	binary.NativeEndian.PutUint32(id[36:], t.Device)
	want := t.Cookie
	if want == 0 {
		want = ^uint64(0) // INET_DIAG_NOCOOKIE in both halves
	}
	binary.NativeEndian.PutUint32(id[40:], uint32(want))
	binary.NativeEndian.PutUint32(id[44:], uint32(want>>32))
	return append(b, r[:]...)
}

// putAddrPort writes an address and a port in network byte order, and nothing
// for the zero value.
func putAddrPort(addr, port []byte, a netip.AddrPort) {
	if a.IsValid() {
		copy(addr, a.Addr().AsSlice())
		binary.BigEndian.PutUint16(port, a.Port())
	}
}
