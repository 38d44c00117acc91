//go:build linux

package pidfd

import (
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// socket turns the answers into facts. The queues are left out: SIOCINQ
// subtracts the peer's FIN, and so cannot tell whether it was read.
func (a *answers) socket(inode uint64) socket.Socket {
	s := socket.Socket{
		NetNS: a.netns, Cookie: a.cookie, Inode: inode,
		Family: socket.Family(a.family), Type: socket.Type(a.kind), State: socket.Close, Facts: socket.HasState,
	}
	switch {
	case a.listening:
		s.State = socket.Listen
	case a.hasRemote:
		s.State = socket.Established
	}
	if s.Family == socket.Unix {
		s.UnixInfo = &socket.UnixInfo{Path: a.path}
	}
	if s.Family.IP() {
		s.Protocol = socket.Protocol(a.protocol)
		s.Facts |= socket.HasAddrs
		s.Local, s.Remote = a.local, a.remote
		if s.Type == socket.Raw { // the port is the protocol
			s.Local = netip.AddrPortFrom(a.local.Addr(), 0)
		}
	}
	s.Presence = socket.InTable
	if a.hasInfo {
		a.tcp(&s)
	} else if s.Family.IP() && s.State == socket.Close && s.Type != socket.Raw && a.local.Port() == 0 {
		s.Presence = socket.Unattached
	}
	return s
}

// tcp adds what struct tcp_info says.
func (a *answers) tcp(s *socket.Socket) {
	s.State = socket.State(a.info.State)
	s.TCP = socket.TCPInfo{
		BytesAcked: a.info.Bytes_acked, BytesReceived: a.info.Bytes_received, BytesSent: a.info.Bytes_sent,
		Retransmits: a.info.Retransmits, Probes: a.info.Probes, Attempted: a.attempted(),
	}
	s.Facts |= socket.HasTCPInfo
	switch {
	case s.State == socket.Close:
		s.Presence = a.closed()
		if s.Presence == socket.Bound {
			s.State = socket.BoundInactive
		}
	case s.State != socket.Listen:
		ms := func(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }
		s.TCP.LastDataSent, s.TCP.LastDataRecv, s.TCP.LastAckRecv =
			ms(a.info.Last_data_sent), ms(a.info.Last_data_recv), ms(a.info.Last_ack_recv)
	}
}

// attempted reports whether a connection was ever attempted: connect() takes
// the path's MTU (tcp_connect_init of net/ipv4/tcp_output.c), which nothing
// resets.
func (a *answers) attempted() bool { return a.info.Pmtu != 0 }

// closed says what a TCP socket in state CLOSE went through. A connection that
// was established has a receive space (tcp_init_transfer), or at least the
// options of the handshake, which a failed one has not.
func (a *answers) closed() socket.Presence {
	established := a.info.Rcv_space != 0 || a.info.Options != 0 || a.info.Bytes_acked != 0 || a.info.Bytes_received != 0
	switch {
	case !a.attempted() && a.local.Port() != 0:
		return socket.Bound
	case !a.attempted():
		return socket.Unattached
	case !established:
		return socket.ConnectFailed
	case !a.failed && a.finAcked():
		return socket.Finished
	}
	return socket.Reset
}

// finAcked reports whether more was acknowledged than the SYN and the data
// that was sent: that is our FIN. Of a connection that was accepted the SYN is
// not counted, so that its FIN is not seen here; [socket.Reset] then stands
// for a finished one too.
func (a *answers) finAcked() bool {
	data := a.info.Bytes_sent - min(a.info.Bytes_retrans, a.info.Bytes_sent)
	return a.info.Bytes_acked >= data+2
}
