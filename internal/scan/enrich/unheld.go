//go:build linux

package enrich

import (
	"context"
	"slices"
	"strconv"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// maxUnheld bounds how many sockets that io_uring may keep are followed.
const maxUnheld = 1 << 14

// unheld are the sockets that no descriptor of the builder refers to, and that a
// process which uses io_uring may keep.
type unheld struct {
	users     map[socket.ProcessID]*socket.Process
	before    map[socket.ID]*socket.Socket // what one of them alone held, or kept, at the look before
	listeners []*socket.Socket             // of the users
	strange   map[string]bool              // places where others listen too

	found   map[socket.ID]*socket.Socket   // with KeptBy, if there is only one who can be meant
	through map[socket.ID][]*socket.Socket // the listeners that they can have come in through
}

// collectUnheld asks for them in the network namespaces of the builder.
func (e *Enricher) collectUnheld(ctx context.Context, u *unheld, b *source.Builder) error {
	u.found, u.through, u.strange = map[socket.ID]*socket.Socket{}, map[socket.ID][]*socket.Socket{}, map[string]bool{}
	for _, ns := range netns.Of(b.Processes()) {
		conn, err := e.conns.In(ns)
		if err != nil {
			continue // which is a gap already
		}
		if err := u.collect(ctx, conn, ns.ID, b); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			b.Gap(socket.Gap{Where: "sockets that io_uring may keep", Why: source.Reason(err), Hint: "try again when the host is less busy"})
		}
	}
	return nil
}

// collect asks for those of one network namespace: sockets that have lost their
// descriptor since the look before, and connections of the users' listeners.
func (u *unheld) collect(ctx context.Context, conn *sockdiag.Conn, netns uint64, b *source.Builder) error {
	take := func(s *socket.Socket) error {
		switch {
		case s.Inode == 0 || b.Held(s.Inode):
		case s.State == socket.Listen:
			u.strange[place(s)] = true
		case len(u.found) < maxUnheld:
			u.take(s)
		}
		return ctx.Err()
	}
	var lost []sockdiag.Tuple
	udp, unix := false, false
	for _, s := range u.before {
		if s.NetNS != netns || b.Held(s.Inode) {
			continue
		}
		switch {
		case s.Protocol == socket.TCP && s.State != socket.Listen && s.Remote.IsValid():
			lost = append(lost, sockdiag.TupleOf(s))
		case s.IsUDP():
			udp = true
		case s.Family == socket.Unix:
			unix = true
		}
	}
	filter := sockdiag.Filter{States: sockdiag.WithInode()}
	for _, l := range u.listeners {
		unix = unix || l.NetNS == netns && l.Family == socket.Unix
		if l.NetNS == netns && l.IsTCP() {
			filter.LocalPorts = append(filter.LocalPorts, l.Local.Port())
		}
	}
	err := conn.Lookup(ctx, lost, func(_ int, s *socket.Socket) error { return take(s) })
	if err == nil && len(filter.LocalPorts) > 0 {
		err = conn.TCP(ctx, filter, take)
	}
	if err == nil && udp {
		err = conn.UDP(ctx, take)
	}
	if err == nil && unix {
		err = conn.Unix(ctx, take)
	}
	return err
}

// take adds the socket if it is one of those that are meant.
func (u *unheld) take(s *socket.Socket) {
	id := s.ID()
	by := socket.ProcessID{}
	if was := u.before[id]; was != nil {
		by = soleHolder(was)
	} else {
		for _, l := range u.listeners {
			if l.NetNS == s.NetNS && place(l) == place(s) {
				u.through[id] = append(u.through[id], l)
			}
		}
		if u.through[id] == nil {
			return
		}
		by = u.onlyUser(u.through[id])
	}
	if u.users[by] == nil {
		by = socket.ProcessID{}
	}
	row := *s
	if s.UnixInfo != nil { // which is used again for the next row
		info := *s.UnixInfo
		row.UnixInfo = &info
	}
	row.KeptBy = by
	u.found[id] = &row
}

// place is where a socket listens, and where a connection came in that was
// accepted there; "" of others.
func place(s *socket.Socket) string {
	switch {
	case s.IsTCP():
		return "tcp " + strconv.Itoa(int(s.Local.Port()))
	case s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.Path != "":
		return "unix " + s.UnixInfo.Path
	}
	return ""
}

// holds reports whether a process with io_uring holds the socket.
func (u *unheld) holds(s *socket.Socket) bool {
	return slices.ContainsFunc(s.Holders, func(h socket.Holder) bool { return u.users[h.Process] != nil })
}

// onlyUser returns the only process with io_uring that holds one of the
// listeners, or the zero value.
func (u *unheld) onlyUser(listeners []*socket.Socket) (only socket.ProcessID) {
	for _, l := range listeners {
		for i := range l.Holders {
			switch id := l.Holders[i].Process; {
			case u.users[id] == nil:
			case only == (socket.ProcessID{}):
				only = id
			case only != id:
				return socket.ProcessID{}
			}
		}
	}
	return only
}
