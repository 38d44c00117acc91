package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Age is how long a socket has been in its state.
type Age struct {
	AtLeast time.Duration
	AtMost  time.Duration // meaningful only with Bounded
	Bounded bool
}

// timeWaitLength is TCP_TIMEWAIT_LEN (include/net/tcp.h).
const timeWaitLength = 60 * time.Second

// Age returns how long the socket has been in its state: exactly where a trace
// saw it come there, else the lower bound that the kernel's timestamps prove, or
// the time since it was first seen so, whichever is larger.
func (h *History) Age(s *socket.Socket) Age {
	if l := s.Life; l != nil && !l.StateSince.IsZero() {
		return exactly(h.now.Taken.Sub(l.StateSince))
	}
	a := kernelAge(s, h.namespace(s.NetNS))
	if k := h.Track(s); k != nil {
		if seen := h.now.Taken.Sub(k.StateSince); seen > a.AtLeast {
			a.AtLeast = seen
			a.AtMost = max(a.AtMost, seen)
		}
	}
	return a
}

// kernelAge is the age that one look can prove.
//
// In CLOSE_WAIT the peer's FIN is at least as old as the last ACK (a FIN
// carries one) and at most as old as the last data; keepalive answers can
// only make the bound smaller. FIN_WAIT2 began with the ACK of our FIN.
func kernelAge(s *socket.Socket, ns *socket.Namespace) Age {
	switch s.State {
	case socket.TimeWait:
		if s.Has(socket.HasTimer) && s.Timer.Kind == socket.TimeWaitTimer {
			return exactly(timeWaitLength - s.Timer.Expires)
		}
	case socket.FinWait2:
		// An orphan waits in a timewait bucket for tcp_fin_timeout.
		if s.Inode == 0 && s.Timer.Kind == socket.TimeWaitTimer && ns.FinTimeout > 0 {
			return exactly(ns.FinTimeout - s.Timer.Expires)
		}
		if s.Has(socket.HasTCPInfo) {
			return Age{AtLeast: s.TCP.LastAckRecv}
		}
	case socket.CloseWait:
		if s.Has(socket.HasTCPInfo) {
			return Age{AtLeast: s.TCP.LastAckRecv, AtMost: max(s.TCP.LastDataRecv, s.TCP.LastAckRecv), Bounded: true}
		}
	}
	return Age{}
}

func exactly(d time.Duration) Age {
	d = max(d, 0)
	return Age{AtLeast: d, AtMost: d, Bounded: true}
}

// Idle returns for how long at least nothing has moved on the socket: no
// data sent or received. It is 0 when that is not known.
func (h *History) Idle(s *socket.Socket) time.Duration {
	var idle time.Duration
	if s.Has(socket.HasTCPInfo) {
		idle = min(s.TCP.LastDataSent, s.TCP.LastDataRecv)
	}
	k := h.Track(s)
	if k == nil {
		return idle
	}
	since := k.First
	if k.Moved.After(since) {
		since = k.Moved
	}
	return max(idle, h.now.Taken.Sub(since))
}

// namespace returns what is known of the network namespace.
func (h *History) namespace(id uint64) *socket.Namespace {
	for i := range h.now.Namespaces {
		if h.now.Namespaces[i].ID == id {
			return &h.now.Namespaces[i]
		}
	}
	return &socket.Namespace{}
}
