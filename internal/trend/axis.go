package trend

import (
	"slices"
	"time"
)

// axis has the times at which reports of a target tell something.
type axis struct {
	stretches []int   // of the trend's Times; hole where reports are missing for long
	seconds   []int64 // since 1970
}

// hole is the stretch of a point that breaks the line before it.
const hole = -1

func newAxis(t *Trend, g *Target) *axis {
	a := &axis{}
	var known []int
	var times []time.Time
	for i, n := range g.buckets {
		if n > 0 {
			known, times = append(known, i), append(times, t.Times[i])
		}
	}
	gap := longGap(times)
	for i, at := range times {
		if i > 0 && at.Sub(times[i-1]) > gap {
			a.stretches, a.seconds = append(a.stretches, hole), append(a.seconds, times[i-1].Unix()+1)
		}
		a.stretches, a.seconds = append(a.stretches, known[i]), append(a.seconds, at.Unix())
	}
	return a
}

// counts are those of a series along the axis, hole where nothing is known.
func (a *axis) counts(s *Series) []int {
	list := make([]int, len(a.stretches))
	for i, n := range a.stretches {
		list[i] = hole
		if n != hole {
			list[i] = int(s.buckets[n].max)
		}
	}
	return list
}

// longGap is three times the usual time between two points.
func longGap(times []time.Time) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(times); i++ {
		steps = append(steps, times[i].Sub(times[i-1]))
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return 3 * steps[len(steps)/2]
}
