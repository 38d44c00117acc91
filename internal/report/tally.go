package report

import (
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Tally says what became of the sockets. Each is counted once, by the worst
// finding that it is in.
type Tally struct {
	Leaked    int // in a finding of level leak
	Suspected int // in one of level suspect
	Queued    int // clients in an accept queue: no process holds them yet
	Elsewhere int // leaked or suspected, and held by other processes than the targets, or by none

	// NotJudged are sockets in CLOSE_WAIT that a target holds, without a finding
	// of any level: too young, in use, or too little is known of them.
	NotJudged int
	// NotJudgedAge is for how long at least the oldest of them has been so.
	NotJudgedAge time.Duration
}

func tallyOf(s *socket.Snapshot, h *track.History, findings []leak.Finding) Tally {
	var t Tally
	for sock, level := range worstOf(findings) {
		switch level {
		case leak.Leak:
			t.Leaked++
		case leak.Suspect:
			t.Suspected++
		}
		if level >= leak.Suspect && sock.Listener == 0 && !heldByTarget(s, sock) {
			t.Elsewhere++
		}
	}
	for _, sock := range s.Sockets {
		if sock.Listener != 0 {
			t.Queued++
		}
	}
	t.judge(s, h, findings)
	return t
}

// Judged counts again what was not judged, where findings were left out of the
// report: theirs were.
func (r *Report) Judged(all []leak.Finding) { r.Tally.judge(r.Snapshot, r.History, all) }

func (t *Tally) judge(s *socket.Snapshot, h *track.History, findings []leak.Finding) {
	t.NotJudged, t.NotJudgedAge = 0, 0
	worst := worstOf(findings)
	for _, sock := range s.Sockets {
		if sock.State == socket.CloseWait && sock.Listener == 0 && worst[sock] == 0 && heldByTarget(s, sock) {
			t.NotJudged++
			t.NotJudgedAge = max(t.NotJudgedAge, h.Age(sock).AtLeast)
		}
	}
}

func worstOf(findings []leak.Finding) map[*socket.Socket]leak.Level {
	worst := map[*socket.Socket]leak.Level{}
	for i := range findings {
		for _, sock := range findings[i].Sockets {
			worst[sock] = max(worst[sock], findings[i].Level)
		}
	}
	return worst
}

func heldByTarget(s *socket.Snapshot, sock *socket.Socket) bool {
	for i := range sock.Holders {
		if p := s.Process(sock.Holders[i].Process); p != nil && p.Target {
			return true
		}
	}
	return false
}
