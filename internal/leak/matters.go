package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// matters says what the finding leads to: how near the descriptor limit is, and
// when it is reached at the present rate.
func (c *Case) matters(f *Finding) string {
	p := c.Now().Process(f.Process)
	if p == nil || p.FDs < 0 || p.FDLimit == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %d descriptors in use", p.FDs, p.FDLimit)
	if left, ok := TimeLeft(f.Trend, p.FDs, p.FDLimit); ok {
		text += fmt.Sprintf("; at this rate the limit is reached in %s", words.Span(left))
	} else if len(f.Sockets)*100 < int(min(p.FDLimit, 1<<30)) && p.FDs*2 < int(min(p.FDLimit, 1<<30)) {
		return "" // far from any limit
	}
	return text
}

// TimeLeft is how long a limited resource lasts at the trend's rate.
func TimeLeft(t track.Trend, used int, limit uint64) (time.Duration, bool) {
	if !t.Growing || t.Rate <= 0 || uint64(used) >= limit {
		return 0, false
	}
	seconds := float64(limit-uint64(used)) / t.Rate
	if seconds > float64(365*24*time.Hour/time.Second) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
