package check

import (
	"context"
	"errors"
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Result is what a check came to.
type Result struct {
	// Snapshot is the last look at living targets, with the processes that
	// ended before and had something wrong. Why a verdict could not be
	// reached is a gap that blinds.
	Snapshot *socket.Snapshot
	History  *track.History
	Findings []leak.Finding   // confirmed, in the order of leak.Sort
	Before   int              // findings that hold only sockets of the baseline
	Hung     []socket.Process // that held no socket and had to be ended
}

func (r *run) result() *Result {
	if r.history.Now() == nil {
		r.history.Add(&socket.Snapshot{Taken: r.Now()})
	}
	res := &Result{Snapshot: r.snapshot(), History: r.history}
	for i := range r.findings {
		f := r.findings[i]
		if ofOthers(&f) {
			continue
		}
		if !r.counts(&f) {
			if f.Level >= leak.Suspect && r.confirmed(&f) > 0 {
				res.Before++
			}
			continue
		}
		res.Findings = append(res.Findings, f)
	}
	for _, word := range r.ended {
		for _, f := range word.findings {
			f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], "seen in the last sample before the process ended")
			res.Findings = append(res.Findings, f)
		}
	}
	res.Findings = append(res.Findings, r.limits(res.Snapshot)...)
	if f, ok := r.stillOpen(res.Findings); ok {
		res.Findings = append(res.Findings, f...)
	}
	leak.Sort(res.Findings)
	if gap, ok := r.gap(); ok {
		res.Snapshot.Gaps = append(res.Snapshot.Gaps, gap)
	}
	return res
}

// ofOthers reports whether a finding is a note about connections that nobody
// holds any more: they may be of whoever used the same port or destination.
func ofOthers(f *leak.Finding) bool {
	return f.Level < leak.Suspect && (f.Rule == "time-wait" || f.Rule == "orphans")
}

// counts reports whether a finding of the last look counts: it is context,
// or is about the process as a whole, or holds sockets that are new and
// confirmed. It adds to the evidence how many those are.
func (r *run) counts(f *leak.Finding) bool {
	if f.Level < leak.Suspect || len(f.Sockets) == 0 {
		return true
	}
	fresh := 0
	for _, s := range f.Sockets {
		if !r.baseline[s.ID()] && r.streaks[flagged{f.Rule, s.ID()}].looks >= confirmLooks {
			fresh++
		}
	}
	if fresh > 0 {
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)],
			fmt.Sprintf("%d of the %d were opened after the baseline and survived %d samples in %d windows",
				fresh, len(f.Sockets), confirmLooks, windows))
	}
	return fresh > 0
}

// gap says why finding nothing would prove nothing.
func (r *run) gap() (socket.Gap, bool) {
	g := socket.Gap{Where: "the check", Count: 1, Blinds: true}
	switch {
	case errors.Is(r.stopped, context.Canceled), errors.Is(r.stopped, context.DeadlineExceeded):
		g.Why = "it was interrupted before it could confirm anything"
		g.Hint = "let it run to the end"
	case errors.Is(r.stopped, ErrGone):
		g.Why = "the target ended before the check did"
		g.Hint = "keep it running until the check is over"
	case r.stopped != nil:
		g.Why = r.stopped.Error()
	default:
		return g, false
	}
	return g, true
}
