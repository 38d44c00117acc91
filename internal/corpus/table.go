package corpus

import (
	"fmt"
	"io"
	"strings"
)

// WriteRow writes one line on the outcome.
func WriteRow(w io.Writer, o Outcome) {
	ok := "ok"
	switch {
	case o.Err != nil:
		ok = "ERROR " + strings.ReplaceAll(o.Err.Error(), "\n", "; ")
	case o.Case.Label() == Leaky && o.Flagged() && !o.Named():
		ok = "CAUSE, want " + strings.Join(o.Case.Kind.Rules, " or ")
	case !o.OK():
		ok = "WRONG"
	}
	verdict := o.Verdict
	if verdict == "" {
		verdict = fmt.Sprintf("exit %d", o.Exit)
	}
	fmt.Fprintf(w, "%-44s %-8s %-8s %-12s %s\n", o.Case.Program, o.Case.Label(), verdict, ok, strings.Join(o.Rules, " "))
}

// Score counts outcomes.
type Score struct {
	Leaky, Caught, Named  int // leaky programs, those called a leak, those called so with the true cause
	OnlySuspected, Missed int // leaky ones that were only suspected, and those called clean
	Healthy, Accused      int // healthy programs, those called a leak
	HealthySuspected      int // those that were suspected
	Noted, NotedNamed     int // programs to note or to suspect, those for which that was so
	Errors                int // outcomes that say nothing, counted nowhere else
}

// Count adds the outcome.
func (s *Score) Count(o Outcome) {
	switch {
	case o.Err != nil || o.Exit != 0 && !o.Flagged():
		s.Errors++
	case o.Case.Label() == Leaky:
		s.Leaky++
		s.Caught += one(o.Flagged())
		s.Named += one(o.Flagged() && o.Named())
		s.OnlySuspected += one(!o.Flagged() && o.Suspected())
		s.Missed += one(!o.Flagged() && !o.Suspected())
	case o.Case.Label() == Noted || o.Case.Label() == Suspected:
		s.Noted++
		s.NotedNamed += one(o.OK())
	default:
		s.Healthy++
		s.Accused += one(o.Flagged())
		s.HealthySuspected += one(!o.Flagged() && o.Suspected())
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Perfect reports whether every outcome was as its label asks.
func (s *Score) Perfect() bool {
	return s.Errors == 0 && s.Named == s.Leaky && s.Accused+s.HealthySuspected == 0 && s.NotedNamed == s.Noted
}

// Write writes the score in words.
func (s *Score) Write(w io.Writer) {
	fmt.Fprintf(w, "\nleaks: %d of %d found (%d with the true cause), %d only suspected, %d called clean\n",
		s.Caught, s.Leaky, s.Named, s.OnlySuspected, s.Missed)
	fmt.Fprintf(w, "healthy programs: %d of %d accused, %d suspected; %d of %d as noted; %d errors\n",
		s.Accused, s.Healthy, s.HealthySuspected, s.NotedNamed, s.Noted, s.Errors)
}
