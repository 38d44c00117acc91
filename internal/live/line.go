package live

import (
	"fmt"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/report"
)

// Line says in one line what a sample came to, where there is no terminal: the
// time, the verdict, the states, and what came and went.
func Line(s *Sample) string {
	r := s.Report
	if s.Missing != "" {
		return s.Times[len(s.Times)-1].UTC().Format(time.RFC3339) + " waiting: " + s.Missing
	}
	parts := []string{r.Snapshot.Taken.UTC().Format(time.RFC3339) + " " + s.Verdict}
	if states := report.StateWords(r.Total.States); states != "" {
		parts = append(parts, states)
	}
	if r.Looks() > 1 {
		parts = append(parts, fmt.Sprintf("%d new, %d ended", s.New, s.Gone))
	}
	for _, e := range s.Events[len(s.Events)-s.Fresh:] {
		parts = append(parts, string(e.Kind)+" "+e.Text)
	}
	if r.Snapshot.Blind() {
		parts = append(parts, "not everything could be seen")
	}
	return strings.Join(parts, "; ")
}
