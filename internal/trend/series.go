package trend

import (
	"time"

	"github.com/sockleak/sockleak/internal/track"
)

// Series is one count over time.
type Series struct {
	Name        string // of the process or the state
	Rule        string // of findings
	Level       string // of findings, as in the newest report that has it
	Fingerprint string // of findings: the same from run to run
	Where       string // of findings: the peer, or the local address
	Limit       int    // of descriptors; 0 when not known

	Target *Target // whose reports have it

	First, Last time.Time // the reports that had it first and last
	Now, Max    int       // in the newest report that has it, 0 when it ended; and in any
	New         bool      // began in the last quarter of the time
	Ended       bool      // the newest report of its target, which saw everything, has it not
	Unseen      bool      // whether it ended is not known: that report did not see everything, or is long ago
	Growth      track.Trend
	Detail      *Detail // of findings, the most urgent ones; nil when nothing more is known

	buckets []bucket
	newest  int // number of the report that had it last
	report  int // and its place among the names
}

// bucket is a stretch of the time: one report, or several one after another.
type bucket struct {
	min, max int32
	hits     int32 // reports that had the series
}

// put takes in the count of the target's newest report, which lies in bucket i
// of n.
func (s *Series) put(i, n, count int) {
	if s.buckets == nil {
		s.buckets = make([]bucket, n)
		s.First = s.Target.Last
	}
	c := int32(min(count, 1<<31-1))
	b := &s.buckets[i]
	if b.hits == 0 || c < b.min {
		b.min = c
	}
	b.max = max(b.max, c)
	b.hits++
	s.Last, s.Now, s.Max, s.newest = s.Target.Last, count, max(s.Max, count), s.Target.newest
}

// Points returns the largest count of each stretch of time; Times of the
// Trend says when.
func (s *Series) Points() []int {
	points := make([]int, len(s.buckets))
	for i := range s.buckets {
		points[i] = int(s.buckets[i].max)
	}
	return points
}

// minima returns the smallest counts with their times. A report of the target
// without the series counts as zero; where there is none, nothing is known.
func (s *Series) minima(times []time.Time) []track.Point {
	var points []track.Point
	for i, b := range s.buckets {
		switch s.Target.buckets[i] {
		case 0:
		case b.hits:
			points = append(points, track.Point{At: times[i], Count: int(b.min)})
		default:
			points = append(points, track.Point{At: times[i]})
		}
	}
	return points
}

// judge says how the series develops.
func (s *Series) judge(t *Trend) {
	missing := s.newest != s.Target.newest
	s.Unseen = missing && s.Target.Partial || s.Target.lateAt(t.To)
	s.Ended = missing && !s.Unseen
	if s.Ended {
		s.Now = 0
	}
	s.Growth = track.GrowthOf(s.minima(t.Times))
	s.Growth.Growing = s.Growth.Growing && !missing && !s.Unseen
	from, to := s.Target.first, s.Target.Last
	s.New = !missing && !s.Unseen && s.First.After(to.Add(-to.Sub(from)/4)) && s.Target.Reports > 1
}

// Status says in a word or two how the series develops.
func (s *Series) Status() string {
	switch {
	case s.Ended:
		return "ended"
	case s.Unseen:
		return "not seen"
	case s.New && s.Growth.Growing:
		return "new, growing"
	case s.New:
		return "new"
	case s.Growth.Growing:
		return "growing"
	}
	return "steady"
}

// ToLimit returns the time until a growing series reaches its limit; ok is
// false when it does not grow or has none.
func (s *Series) ToLimit() (left time.Duration, ok bool) {
	if !s.Growth.Growing || s.Growth.Rate <= 0 || s.Limit <= 0 || s.Now <= 0 {
		return 0, false
	}
	seconds := float64(max(0, s.Limit-s.Now)) / s.Growth.Rate
	if seconds > maxForecast.Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// maxForecast is how far ahead a slope is believed.
const maxForecast = 10 * 365 * 24 * time.Hour
