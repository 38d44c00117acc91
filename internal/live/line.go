package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/report"
)

// Line says in one line what the newest report came to, where there is no
// terminal: the time, the verdict, the states, and what came and went.
func Line(m *Model) string {
	r := m.Report
	parts := []string{r.Snapshot.Taken.UTC().Format(time.RFC3339) + " " + report.VerdictLine(r, report.Options{})}
	var states []string
	for _, s := range slices.Sorted(maps.Keys(m.States)) {
		series := m.States[s]
		if n := series[len(series)-1]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(states) > 0 {
		parts = append(parts, strings.Join(states, ", "))
	}
	if looks := r.History.Looks(); len(looks) > 1 {
		newest := looks[len(looks)-1]
		parts = append(parts, fmt.Sprintf("%d new, %d ended", newest.New, newest.Gone))
	}
	for _, e := range m.Events[len(m.Events)-m.Fresh:] {
		parts = append(parts, e.word()+" "+e.Text)
	}
	if r.Snapshot.Blind() {
		parts = append(parts, "not everything could be seen")
	}
	return strings.Join(parts, "; ")
}
