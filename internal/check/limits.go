package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// The rules of the check itself.
const (
	ruleCloseWait = "max-close-wait"
	ruleFDGrowth  = "max-fd-growth"
	ruleStillOpen = "still-open"
)

// Rules returns the rules that only a check can judge, because they need the
// user's limits or a baseline. Their Check is nil: Run judges them.
func Rules() []leak.Rule {
	return []leak.Rule{
		heldToEndRule(),
		leftOpenRule(),
		{
			ID: ruleCloseWait, Title: "more sockets in CLOSE_WAIT than --max-close-wait allows", Severity: leak.Leak,
			Doc: leak.Doc{
				Means:     "At the end of a check one process held more sockets in CLOSE_WAIT than the limit allows. The peers have closed; the process has not.",
				Causes:    "Connections that are not closed after the peer has closed them, or a limit that is lower than what a connection pool keeps.",
				Evidence:  "Sockets that were in CLOSE_WAIT in every sample of both confirming windows, by identity, counted for each process.",
				BlindSpot: "It cannot tell a leak from a pool; it counts.",
				LookAlike: "An HTTP pool that keeps dead connections until it next borrows one.",
			},
			Remedy: leak.Remedy{Any: leak.Advice{socket.RuntimeUnknown: "close each connection when reading it yields end of file; sockleak scan names the cause for each group"}},
		},
		{
			ID: ruleFDGrowth, Title: "more new descriptors than --max-fd-growth allows", Severity: leak.Leak,
			Doc: leak.Doc{
				Means:     "At the end of a check one process had more open descriptors than at the baseline plus the limit.",
				Causes:    "Files, pipes or sockets that the exercise opened and did not close.",
				Evidence:  "The smallest number of open descriptors in the confirming samples, against the number at the baseline.",
				BlindSpot: "A number says nothing about what the descriptors are: old ones may have been closed and new ones opened.",
				LookAlike: "A pool or a cache that the exercise filled; give it room with a larger limit, or warm it up before the check.",
			},
			Remedy: leak.Remedy{Any: leak.Advice{socket.RuntimeUnknown: "compare ls -l /proc/PID/fd before and after; close what the exercise leaves open"}},
		},
		{
			ID: ruleStillOpen, Title: "opened during the exercise and still open after it settled", Severity: leak.Suspect,
			Doc: leak.Doc{
				Means:     "Sockets that did not exist at the baseline are still open after the exercise has ended and the settling time has passed, and no rule knows a reason.",
				Causes:    "Connections that nobody closes although nobody uses them; or a pool that keeps them for the next request.",
				Evidence:  "The same sockets, by identity, in every sample of both confirming windows.",
				BlindSpot: "A pool and a leak look alike until the pool is full: run the exercise longer, and see whether the number grows with it.",
				LookAlike: "A connection pool that was filled by the exercise. It is bounded, and its connections are closed after the pool's idle time-out.",
			},
			Remedy: leak.Remedy{Any: leak.Advice{socket.RuntimeUnknown: "close what the exercise opens; if a pool keeps it on purpose, give the pool an idle time-out shorter than --settle, or exercise it once before the check"}},
		},
	}
}

// limits judges the user's limits at every target.
func (r *run) limits(s *socket.Snapshot) []leak.Finding {
	var list []leak.Finding
	for i := range s.Processes {
		p := &s.Processes[i]
		if !p.Target {
			continue
		}
		if f, ok := r.closeWaitLimit(p, s); ok {
			list = append(list, f)
		}
		if f, ok := r.fdLimit(p); ok {
			list = append(list, f)
		}
	}
	return list
}

func (r *run) closeWaitLimit(p *socket.Process, s *socket.Snapshot) (leak.Finding, bool) {
	var held []*socket.Socket
	for _, sock := range s.Sockets {
		if r.closing[sock.ID()] >= confirmLooks && sock.HeldBy(p.ID) {
			held = append(held, sock)
		}
	}
	f, ok := closeWaitFinding(r.Limits.CloseWait, p.ID, held)
	f.Evidence = []string{fmt.Sprintf("each was in CLOSE_WAIT in the last %d samples", confirmLooks)}
	return f, ok
}

// closeWaitFinding says that a process holds more than the limit allows.
func closeWaitFinding(limit int, id socket.ProcessID, held []*socket.Socket) (leak.Finding, bool) {
	if limit < 0 || len(held) <= limit {
		return leak.Finding{}, false
	}
	f := newFinding(ruleCloseWait, leak.Leak, id, held)
	f.Summary = fmt.Sprintf("holds %s in CLOSE_WAIT, more than the %d that --max-close-wait allows", words.Plural(len(held), "socket"), limit)
	return f, true
}

func (r *run) fdLimit(p *socket.Process) (leak.Finding, bool) {
	last := r.fds[p.ID]
	before, ok := r.fdsBefore[p.ID]
	if r.Limits.FDGrowth < 0 || !ok || len(last) < confirmLooks {
		return leak.Finding{}, false
	}
	now := slices.Min(last)
	if now-before <= r.Limits.FDGrowth {
		return leak.Finding{}, false
	}
	return fdFinding(r.Limits.FDGrowth, p.ID, before, now, fmt.Sprintf("in each of the last %d samples", confirmLooks)), true
}

// fdFinding says that a process has more descriptors than the limit allows.
func fdFinding(limit int, id socket.ProcessID, before, now int, when string) leak.Finding {
	f := newFinding(ruleFDGrowth, leak.Leak, id, nil)
	f.Summary = fmt.Sprintf("has %d more open descriptors than at the baseline; --max-fd-growth allows %d", now-before, limit)
	f.Evidence = []string{fmt.Sprintf("%d descriptors at the baseline, at least %d %s", before, now, when)}
	return f
}

// stillOpen finds the sockets that the exercise opened, that survived both
// windows, and that no finding explains.
func (r *run) stillOpen(explained []leak.Finding) ([]leak.Finding, bool) {
	if !r.confirms {
		return nil, false
	}
	known := map[socket.ID]bool{}
	for i := range explained {
		for _, s := range explained[i].Sockets {
			known[s.ID()] = true
		}
	}
	snap := r.history.Now()
	held := map[socket.ProcessID][]*socket.Socket{}
	for _, s := range snap.Sockets {
		id := s.ID()
		if r.atEnd[id] && !r.baseline[id] && !known[id] && r.present[id] >= confirmLooks && len(s.Holders) > 0 {
			if p := snap.Process(s.Holders[0].Process); p != nil && p.Target {
				held[p.ID] = append(held[p.ID], s)
			}
		}
	}
	var list []leak.Finding
	for process, sockets := range held {
		level := leak.Note
		if len(sockets) >= r.Settings.Several {
			level = leak.Suspect
		}
		f := newFinding(ruleStillOpen, level, process, sockets)
		f.Summary = fmt.Sprintf("still holds %d sockets that the exercise opened", len(sockets))
		f.Evidence = []string{fmt.Sprintf("not open at the baseline, open in each of the last %d samples after settling", confirmLooks)}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b leak.Finding) int { return cmp.Compare(a.Process.PID, b.Process.PID) })
	return list, len(list) > 0
}

func newFinding(rule string, level leak.Level, p socket.ProcessID, sockets []*socket.Socket) leak.Finding {
	f := leak.Finding{Rule: rule, Level: level, Process: p, Sockets: sockets}
	f.Location = f.OpenedAt()
	for _, r := range Rules() {
		if r.ID == rule {
			f.Fix = r.Remedy.For(nil, track.Other)
		}
	}
	return f
}
