package source

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// Fill merges what a table says of a socket. It returns false when nobody of
// interest holds the socket. The facts are copied.
//
// An MPTCP socket and its subflow share the inode. What the MPTCP socket says
// of its state goes before what the subflow says: after the peer's close the
// subflow stays ESTABLISHED. The subflow alone has the TCP timestamps.
func (b *Builder) Fill(facts *socket.Socket) bool {
	if facts.Inode == 0 {
		return false
	}
	s := b.index()[facts.Inode]
	if s == nil {
		return false
	}
	switch {
	case s.Presence == socket.PresenceUnknown, facts.Protocol == socket.MPTCP && s.Protocol != socket.MPTCP:
		info, had := s.TCP, s.Facts&(socket.HasTCPInfo|socket.HasDataSegs)
		inode := s.Inode
		Refine(s, facts)
		s.Inode = inode
		if facts.UnixInfo != nil { // the source uses it again for its next socket
			info := *facts.UnixInfo
			s.UnixInfo = &info
		}
		if s.Facts&socket.HasTCPInfo == 0 && had != 0 {
			s.TCP, s.Facts = info, s.Facts|had
		}
	case s.Protocol == socket.MPTCP && s.Facts&socket.HasTCPInfo == 0:
		s.TCP, s.Facts = facts.TCP, s.Facts|facts.Facts&(socket.HasTCPInfo|socket.HasDataSegs)
	}
	return true
}

// Refine gives a socket of a builder the facts that another look-up had of it;
// its holders stay.
func Refine(s, facts *socket.Socket) {
	holders := s.Holders
	*s = *facts
	s.Holders = holders
}

// Name notes the kernel's name of a socket's protocol.
func (b *Builder) Name(s *socket.Socket, protocol string) { s.ProtoName = protocol }

// Explain notes what a socket in no table is. Where a table was not read to its
// end it may have been in the part that was missed, and is not identified.
func (b *Builder) Explain(s *socket.Socket, facts socket.Socket) {
	s.Family, s.Type, s.Protocol, s.Presence = facts.Family, facts.Type, facts.Protocol, facts.Presence
	if facts.Has(socket.HasState) {
		s.State, s.Facts = facts.State, s.Facts|socket.HasState
	}
	if b.partial && s.Presence != socket.NotDumpable {
		s.Presence = socket.PresenceUnknown
	}
}

// Release takes descriptors off a socket that were closed during the look.
func (b *Builder) Release(s *socket.Socket, closed func(socket.Holder) bool) {
	s.Holders = slices.DeleteFunc(s.Holders, func(h socket.Holder) bool {
		gone := closed(h)
		if p := b.snap.Process(h.Process); gone && p != nil && p.SocketFDs > 0 {
			p.SocketFDs--
		}
		return gone
	})
}

// Forget removes the sockets.
func (b *Builder) Forget(gone []*socket.Socket) {
	if len(gone) == 0 {
		return
	}
	set := make(map[*socket.Socket]bool, len(gone))
	for _, s := range gone {
		set[s] = true
		delete(b.byInode, s.Inode)
	}
	b.snap.Sockets = slices.DeleteFunc(b.snap.Sockets, func(s *socket.Socket) bool { return set[s] })
}
