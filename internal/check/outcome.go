package check

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// result is what following the command came to; stopped is what ended it
// before its time, or nil.
func (c *course) result(stopped error) *Result {
	c.judgeHeld()
	for _, l := range c.ended {
		l.findings = append(l.findings, l.leftOpen()...)
	}
	snap := c.snapshot()
	res := &Result{Snapshot: snap, History: track.Join(snap, c.histories()), Findings: c.merged(), Hung: c.hung}
	res.Findings = append(res.Findings, c.limits()...)
	leak.Sort(res.Findings)
	snap.Gaps = c.gaps(stopped)
	return res
}

// histories returns those of the processes that held sockets.
func (c *course) histories() []*track.History {
	var list []*track.History
	for _, l := range c.ended {
		list = append(list, l.history)
	}
	return list
}

// snapshot is made of the last looks at all processes: what each held at its
// end, as if they had ended together.
func (c *course) snapshot() *socket.Snapshot {
	snap := &socket.Snapshot{Taken: c.Now()}
	if c.last != nil {
		copied := *c.last
		snap = &copied
	}
	snap.Processes, snap.Sockets = nil, nil
	there := map[socket.ID]bool{}
	known := map[socket.ProcessID]bool{}
	add := func(s *socket.Socket) {
		if !there[s.ID()] {
			there[s.ID()] = true
			snap.Sockets = append(snap.Sockets, s)
		}
	}
	for _, l := range c.ended {
		if !known[l.id] {
			known[l.id] = true
			snap.Processes = append(snap.Processes, l.process)
		}
		for i := range l.findings {
			for _, s := range l.findings[i].Sockets {
				add(s)
			}
		}
		for _, s := range l.last.Sockets {
			add(s)
		}
	}
	for _, p := range c.others {
		if !known[p.ID] {
			known[p.ID] = true
			snap.Processes = append(snap.Processes, p)
		}
	}
	slices.SortStableFunc(snap.Processes, func(a, b socket.Process) int { return a.ID.PID - b.ID.PID })
	socket.Sort(snap.Sockets)
	return snap
}

// gaps collects what was not seen of any process at its end, and what kept
// the command from being followed to its end.
func (c *course) gaps(stopped error) []socket.Gap {
	var list []socket.Gap
	add := func(g socket.Gap) {
		same := func(o socket.Gap) bool { return o.Where == g.Where && o.Why == g.Why }
		if !slices.ContainsFunc(list, same) {
			list = append(list, g)
		}
	}
	for _, l := range c.ended {
		for _, g := range l.last.Gaps {
			add(g)
		}
	}
	if c.last != nil {
		for _, g := range c.last.Gaps {
			add(g)
		}
	}
	g := socket.Gap{Where: "the command", Count: 1, Blinds: true}
	switch {
	case c.looked == 0:
		g.Why = "it ended before it could be sampled"
		g.Hint = "a command that lives for only a few milliseconds cannot be judged"
	case c.broken != nil:
		g.Where, g.Why = "a part of the command's time", c.broken.Error()
	case errors.Is(stopped, context.Canceled), errors.Is(stopped, context.DeadlineExceeded), stopped == nil:
		g.Blinds = false
	default:
		g.Why = stopped.Error()
	}
	if g.Blinds {
		add(g)
	}
	for _, g := range c.atEnds() {
		add(g)
	}
	if c.missed > 0 && c.looked > 0 {
		where := "1 short process of the command"
		if c.missed > 1 {
			where = fmt.Sprintf("%d short processes of the command", c.missed)
		}
		add(socket.Gap{Where: where, Count: 1, Why: "ended before it could be sampled"})
	}
	return list
}

// atEnds says what was not seen of the ends of processes.
func (c *course) atEnds() []socket.Gap {
	const again = "run the check again on a less busy machine"
	var list []socket.Gap
	for _, l := range c.ended {
		if len(l.open) == 0 {
			continue
		}
		list = append(list, socket.Gap{Where: fmt.Sprintf("the end of %s (pid %d)", l.process.Name, l.id.PID), Count: len(l.open), Blinds: true,
			Why:  leftWords(l.open) + " open in the last sample, " + l.unseenWords(),
			Hint: again})
	}
	if c.late > 0 && len(list) == 0 {
		list = append(list, socket.Gap{Where: "the end of a process", Count: 1, Blinds: true,
			Why: fmt.Sprintf("the machine was too busy: a sample was %s late", words.Span(c.late)), Hint: again})
	}
	return list
}

// limits judges the user's limits at the end of every process.
func (c *course) limits() []leak.Finding {
	var list []leak.Finding
	for _, l := range c.ended {
		var held []*socket.Socket
		for _, s := range l.history.Now().Sockets {
			if s.State == socket.CloseWait && s.HeldBy(l.id) {
				held = append(held, s)
			}
		}
		if f, ok := closeWaitFinding(c.Limits.CloseWait, l.id, held); ok {
			f.Evidence = []string{"held in CLOSE_WAIT when the process ended"}
			list = append(list, f)
		}
		if k := l.history.Process(l.id); k != nil && len(k.FDs) > 0 && c.Limits.FDGrowth >= 0 {
			before, now := k.FDs[0].Count, k.FDs[len(k.FDs)-1].Count
			if now-before > c.Limits.FDGrowth {
				list = append(list, fdFinding(c.Limits.FDGrowth, l.id, before, now, "at its end"))
			}
		}
	}
	return list
}
