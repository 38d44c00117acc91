package report

import (
	"maps"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Tally counts the sockets that a report is about, each once, in two ways that
// have the same sum: by the worst finding that it is in, and by who has it.
type Tally struct {
	Leaked    int // in a finding of level leak
	Suspected int // in one of level suspect
	Noted     int // in a note
	// NotJudged are sockets in CLOSE_WAIT that a target holds, without a finding
	// of any level: too young, in use, or too little is known of them. The rest
	// is without a finding, too.
	NotJudged int
	// NotJudgedAge is for how long at least the oldest of them has been so.
	NotJudgedAge time.Duration

	Held      int // a target has a descriptor of it
	Queued    int // in an accept queue of a target: no process holds it yet
	Elsewhere int // leaked or suspected, and held by other processes than the targets, or by none

	States map[socket.State]int // those of TCP by state
}

// Sockets is the sum.
func (t *Tally) Sockets() int { return t.Held + t.Queued + t.Elsewhere }

// Rest is how many are without a finding, and judged.
func (t *Tally) Rest() int {
	return t.Sockets() - t.Leaked - t.Suspected - t.Noted - t.NotJudged
}

// tallyOf counts; held is the account of what the targets hold.
func tallyOf(s *socket.Snapshot, h *track.History, findings []leak.Finding, held *Account) Tally {
	t := Tally{Held: held.Sockets, States: maps.Clone(held.States)}
	also := func(sock *socket.Socket, n *int) {
		*n++
		if sock.IsTCP() {
			t.States[sock.State]++
		}
	}
	worst := worstOf(findings)
	missing := maps.Clone(worst) // of the snapshot: their process has ended
	for _, sock := range s.Sockets {
		delete(missing, sock)
		if sock.Listener != 0 {
			also(sock, &t.Queued)
		}
	}
	for sock, level := range worst {
		_, gone := missing[sock]
		elsewhere := gone || sock.Listener == 0 && !heldByTarget(s, sock)
		switch {
		case level == leak.Leak:
			t.Leaked++
		case level == leak.Suspect:
			t.Suspected++
		case !elsewhere:
			t.Noted++
		}
		if elsewhere && level >= leak.Suspect {
			also(sock, &t.Elsewhere)
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
