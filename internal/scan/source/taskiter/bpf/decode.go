//go:build linux

package bpf

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// decode turns the record into the socket of the walker.
func (w *Walker) decode() {
	p, r, s := w.program, &w.record, &w.socket
	*s = socket.Socket{
		NetNS: uint64(r.netns), Cookie: r.cookie,
		Family: socket.Family(r.family), Type: socket.Type(r.typ), Protocol: socket.Protocol(r.protocol),
		State: socket.State(r.state), Device: r.device, UID: r.uid,
		Facts: socket.HasState | socket.HasQueues | socket.HasErr | socket.HasTimeouts, Err: uint32(max(r.err, 0)),
		ReadTimeout: r.timeouts&1 != 0, WriteTimeout: r.timeouts&2 != 0,
	}
	lost := p.lost.all
	if r.queued != 0 { // it has no file
		s.Listener = r.descriptor.inode
	} else {
		w.decodeFile()
		lost |= p.lost.file
	}
	if s.Family.IP() {
		decodeAddrs(r, s)
	} else {
		s.Protocol = 0 // has a meaning for IP only
	}
	switch kind(r.kind) {
	case plain:
		decodePlain(r, s)
		if s.IsUDP() {
			lost |= p.lost.udp
		}
	case tcpKind:
		w.decodeTCP()
		decodeQueues(r, s)
		lost |= p.lost.tcp
	case mptcpKind:
		w.decodeTCP()
		decodeMPTCPQueues(r, s)
		lost |= p.lost.tcp
		if s.State != socket.Listen { // what its first subflow says
			lost |= p.lost.mptcp
		}
	case unixKind:
		w.decodeUnix()
		lost |= p.lost.unix
	}
	s.Facts &^= lost
	s.Presence = presence(r)
	if s.IsTCP() && s.State == socket.Close {
		decodeClosed(r, s)
	}
}

// decodeFile tells who else has the socket and who waits for it. The iterator
// itself holds a reference, and so does each thread that sleeps in a system
// call on it: with such a sleeper two references prove nothing. (A call that
// does not sleep holds one too, for the moment that it takes.)
func (w *Walker) decodeFile() {
	d, s := &w.record.descriptor, &w.socket
	waited, alone := d.waitNext != d.waitHead, int64(1)
	if w.program.countedRefs {
		alone = 2
	}
	s.Inode = d.inode
	s.Facts |= socket.HasShared | socket.HasWatched
	s.Watched = waited || d.epoll != 0
	s.Shared = d.refs > alone
	s.Refs = uint32(max(d.refs-alone+1, 0))
	if d.refs == alone+1 && waited && d.epoll == 0 {
		s.Shared = false
		s.Facts &^= socket.HasShared
	}
	s.Epolls = w.epolls
	if d.epoll == 0 || len(w.epolls) > 0 && w.record.item.next == 0 {
		s.Facts |= socket.HasEpolls
	}
}

// decodePlain gives the queues of a socket without a protocol of its own
// here, as udp_diag_get_info and raw_diag_get_info do.
func decodePlain(r *record, s *socket.Socket) {
	if s.IsTCP() || s.Family == socket.Unix { // this kernel does not show their own
		s.Facts &^= socket.HasQueues
		return
	}
	s.RecvQ = r.rmem
	if s.IsUDP() {
		s.RecvQ = uint32(max(0, int32(r.rmem)-r.deficit))
	}
	s.SendQ = r.sendQ()
}

// sendQ is sk_wmem_alloc_get of include/net/sock.h: one is always counted.
func (r *record) sendQ() uint32 { return max(r.wmem, 1) - 1 }

// decodeQueues does as tcp_diag_get_info of net/ipv4/tcp_diag.c.
func decodeQueues(r *record, s *socket.Socket) {
	if s.State == socket.Listen {
		s.RecvQ, s.SendQ = r.backlog, r.maxBacklog
		return
	}
	s.RecvQ = uint32(max(0, int32(r.tcp.rcvNxt-r.tcp.copiedSeq)))
	s.SendQ = r.tcp.writeSeq - r.tcp.sndUna
}

// decodeMPTCPQueues counts bytes as TCP does. Whether the peer's DATA_FIN was
// read the kernel does not keep: with nothing else unread, that is not known.
func decodeMPTCPQueues(r *record, s *socket.Socket) {
	if s.State == socket.Listen {
		s.RecvQ, s.SendQ = r.backlog, r.maxBacklog
		return
	}
	s.RecvQ = uint32(max(0, int64(r.mptcp.bytesReceived-r.mptcp.consumed)))
	s.SendQ = uint32(max(0, int64(r.mptcp.writeSeq-r.mptcp.sndUna)))
	if s.State != socket.CloseWait {
		return
	}
	if s.RecvQ == 0 {
		s.Facts &^= socket.HasQueues
		return
	}
	s.RecvQ++
}

// decodeTCP fills in what tcp_get_info of net/ipv4/tcp.c gives.
func (w *Walker) decodeTCP() {
	t, s, tick := &w.record.tcp, &w.socket, w.program.tick
	s.Facts |= socket.HasTCPInfo | socket.HasTimer | socket.HasDataSegs
	s.Timer = t.timer(tick)
	s.TCP = socket.TCPInfo{
		BytesAcked: t.bytesAcked, BytesReceived: t.bytesReceived, BytesSent: t.bytesSent,
		DataSegsIn: t.segsIn, DataSegsOut: t.segsOut,
		Retransmits: t.retransmits, Probes: t.probes, Attempted: t.attempted(),
	}
	if t.attempted() && s.State != socket.Listen { // before that, the ages are garbage
		now := uint32(t.jiffies)
		s.TCP.LastDataSent = time.Duration(now-t.sent) * tick
		s.TCP.LastDataRecv = time.Duration(now-t.recv) * tick
		s.TCP.LastAckRecv = time.Duration(now-t.ack) * tick
	}
}

// timer does as inet_sk_diag_fill of net/ipv4/inet_diag.c. The values of
// icsk_pending are those of include/net/inet_connection_sock.h.
func (t *tcpPart) timer(tick time.Duration) socket.Timer {
	const (
		retrans   = 1 // ICSK_TIME_RETRANS
		probe0    = 3 // ICSK_TIME_PROBE0
		lossProbe = 5 // ICSK_TIME_LOSS_PROBE
		reorder   = 6 // ICSK_TIME_REO_TIMEOUT
	)
	until := func(expires uint64) time.Duration {
		return time.Duration(max(0, int64(expires-t.jiffies))) * tick
	}
	switch {
	case t.pending == retrans || t.pending == lossProbe || t.pending == reorder:
		return socket.Timer{Kind: socket.Retransmit, Retries: t.retransmits, Expires: until(t.expires)}
	case t.pending == probe0:
		return socket.Timer{Kind: socket.Persist, Retries: t.probes, Expires: until(t.expires)}
	case t.keepPending != 0:
		return socket.Timer{Kind: socket.Keepalive, Retries: t.probes, Expires: until(t.keepExpires)}
	}
	return socket.Timer{}
}
