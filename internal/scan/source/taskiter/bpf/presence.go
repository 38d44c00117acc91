//go:build linux

package bpf

import "github.com/sockleak/sockleak/internal/socket"

// presence says what a socket went through. All but closed TCP and unbound
// UDP sockets are in a table of the kernel.
func presence(r *record) socket.Presence {
	family, protocol := socket.Family(r.family), socket.Protocol(r.protocol)
	if !family.IP() || socket.State(r.state) != socket.Close {
		return socket.InTable
	}
	switch {
	case kind(r.kind) == tcpKind || kind(r.kind) == mptcpKind:
		return r.tcp.presence(&r.sockHead)
	case socket.Type(r.typ) == socket.Raw || r.num != 0 && protocol != socket.MPTCP:
		return socket.InTable
	case protocol == socket.MPTCP: // nothing but the table of ports is known
		return socket.PresenceUnknown
	}
	return socket.Unattached
}

// presence tells what happened to a TCP socket in state CLOSE.
//
// tcp_connect_init sets rcv_nxt to zero; an answer to the SYN, or being
// accepted, makes it the peer's number. The end of a connection (tcp_done)
// leaves the addresses; tcp_disconnect, with which a failed connect() ends,
// undoes them but not write_seq.
func (t *tcpPart) presence(s *sockHead) socket.Presence {
	established := t.rcvNxt != 0 || t.bytesAcked != 0
	switch {
	case t.attempted() && s.dport != 0 && established && t.finished(s):
		return socket.Finished
	case t.attempted() && s.dport != 0 && established:
		return socket.Reset
	case t.attempted() && !established:
		return socket.ConnectFailed
	case s.num != 0:
		return socket.Bound
	}
	return socket.Unattached
}

// finished reports whether both sides have sent a FIN: tcp_fin sets SOCK_DONE
// for the peer's, and ours is the one number behind the last data pushed, and
// acknowledged.
func (t *tcpPart) finished(s *sockHead) bool {
	const sockDone = 1 << 1 // SOCK_DONE of enum sock_flags
	return s.err == 0 && s.flags&sockDone != 0 && t.sndUna == t.writeSeq && t.writeSeq == t.pushedSeq+1
}

// attempted reports whether a connection was ever attempted. A new socket has
// write_seq 0; connect() chooses one at random. The shutdown of a listener
// (tcp_disconnect) makes it 2 without any connection.
func (t *tcpPart) attempted() bool { return t.writeSeq != 0 && t.writeSeq != 2 }
