package trend

import (
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// Target is what some of the reports looked at: several runs of record with
// different targets may share a directory. What one of them does not show, a
// report of another cannot have ended.
type Target struct {
	Name    string // as record was told, such as "--name api"; "" when the report does not say
	Reports int
	Last    time.Time     // of its newest report
	Partial bool          // the newest report could not see everything
	Every   time.Duration // the usual time between two of its newest reports; 0 when not known

	buckets []int32 // reports in each bucket
	newest  int     // number of its newest report
	steps   []time.Duration
	first   time.Time
}

const (
	// maxTargets bounds the number of targets of one directory.
	maxTargets = 50
	// maxSteps is of how many of the newest reports the interval is taken.
	maxSteps = 32
	// lateAfter is after how many usual intervals a report is missing.
	lateAfter = 3
)

// target returns what the document looked at, or nil when there are too many.
func (b *builder) target(doc *report.Document) *Target {
	name := doc.Tool.Target
	g := b.targets[name]
	if g == nil {
		if len(b.targets) >= maxTargets {
			b.left[strings.Clone(name)] = true
			return nil
		}
		g = &Target{Name: words.Clean(name), first: doc.Time.UTC(), buckets: make([]int32, b.buckets)}
		b.targets[strings.Clone(name)] = g
	}
	return g
}

// add takes in that report number seq, of bucket i, is one of the target's.
func (g *Target) add(i, seq int, doc *report.Document) {
	at := doc.Time.UTC()
	if g.Reports > 0 {
		g.steps = append(g.steps, at.Sub(g.Last))
		g.steps = g.steps[max(0, len(g.steps)-maxSteps):]
	}
	g.buckets[i]++
	g.Reports++
	g.Last, g.newest, g.Partial = at, seq, doc.Partial
}

// settle works out the usual interval: the median of the newest.
func (g *Target) settle() {
	if len(g.steps) > 0 {
		slices.Sort(g.steps)
		g.Every = g.steps[len(g.steps)/2]
	}
}

// lateAt reports whether reports of the target are missing at that time.
func (g *Target) lateAt(at time.Time) bool {
	return g.Every > 0 && at.Sub(g.Last) > lateAfter*g.Every
}

// every is the usual interval of the target that has the most frequent reports.
func (t *Trend) every() time.Duration {
	every := t.Targets[0].Every
	for _, g := range t.Targets {
		every = min(every, g.Every)
	}
	return every
}
