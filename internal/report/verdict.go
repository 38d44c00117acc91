package report

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// Verdict is the outcome in one word. "clean" and "could not see" are
// different answers.
type Verdict string

// The verdicts.
const (
	Leaky     Verdict = "leak"    // at least one finding of level leak
	Suspected Verdict = "suspect" // the worst finding is of level suspect
	Clear     Verdict = "clean"   // looked, and found nothing above a note
	Unseen    Verdict = "unknown" // found nothing, but not enough was visible
)

func verdictOf(s *socket.Snapshot, findings []leak.Finding) Verdict {
	var worst leak.Level
	for i := range findings {
		worst = max(worst, findings[i].Level)
	}
	switch {
	case worst == leak.Leak:
		return Leaky
	case s.Blind():
		return Unseen
	case worst == leak.Suspect:
		return Suspected
	}
	return Clear
}
