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
	Leaky, Caught, Named int // leaky programs, those flagged, those flagged with the true cause
	Healthy, Accused     int
	Noted, NotedNamed    int
	Errors               int // outcomes that say nothing, counted nowhere else
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
	case o.Case.Label() == Noted:
		s.Noted++
		s.NotedNamed += one(o.Named())
	default:
		s.Healthy++
		s.Accused += one(o.Flagged())
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
	return s.Errors == 0 && s.Named == s.Leaky && s.Accused == 0 && s.NotedNamed == s.Noted
}

// Write writes the score in words.
func (s *Score) Write(w io.Writer) {
	fmt.Fprintf(w, "\nrecall %d of %d, cause named %d of %d, falsely accused %d of %d, noted %d of %d, errors %d\n",
		s.Caught, s.Leaky, s.Named, s.Leaky, s.Accused, s.Healthy, s.NotedNamed, s.Noted, s.Errors)
}
