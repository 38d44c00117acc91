package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/track"
)

// matters says what the group leads to: how near the descriptor limit is, and
// when it is reached at the present rate.
func (c *Case) matters(g group) string {
	p := c.Now().Process(g.process)
	if p == nil || p.FDs < 0 || p.FDLimit == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d descriptors in use", p.FDs, p.FDLimit)
	if left, ok := timeLeft(c.trend(g), p.FDs, p.FDLimit); ok {
		text += fmt.Sprintf("; at this rate the limit is reached in %s", Span(left))
	} else if len(g.sockets)*100 < int(min(p.FDLimit, 1<<30)) && p.FDs*2 < int(min(p.FDLimit, 1<<30)) {
		return "" // far from any limit
	}
	return text
}

// timeLeft is how long a limited resource lasts at the trend's rate.
func timeLeft(t track.Trend, used int, limit uint64) (time.Duration, bool) {
	if !t.Growing || t.Rate <= 0 || uint64(used) >= limit {
		return 0, false
	}
	seconds := float64(limit-uint64(used)) / t.Rate
	if seconds > float64(365*24*time.Hour/time.Second) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
