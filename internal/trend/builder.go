package trend

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// maxBuckets is the length of every series: as many as a chart has room for.
const maxBuckets = 480

// maxSeries bounds the number of series: with maxBuckets, to 25 MB.
const maxSeries = 2000

// builder collects series from documents, oldest first.
type builder struct {
	trend   *Trend
	process *regexp.Regexp
	per     int     // reports to a bucket
	buckets int     // number of them
	report  int     // place among the names of the one that is taken in
	reports []int32 // used reports of each bucket
	boot    string
	targets map[string]*Target

	findings, processes, states map[string]*Series
	left                        map[string]bool // keys beyond maxSeries, as far as remembered
}

func newBuilder(t *Trend, process *regexp.Regexp, reports int) *builder {
	per := max(1, (reports+maxBuckets-1)/maxBuckets)
	n := (reports + per - 1) / per
	t.Times, t.PerPoint = make([]time.Time, n), per
	return &builder{trend: t, process: process, per: per, buckets: n, reports: make([]int32, n), targets: map[string]*Target{},
		findings: map[string]*Series{}, processes: map[string]*Series{}, states: map[string]*Series{}, left: map[string]bool{}}
}

// add takes in the document of the i-th name.
func (b *builder) add(i int, doc *report.Document) {
	t := b.trend
	at := doc.Time.UTC()
	b.report = i
	i /= b.per
	target := b.target(doc)
	if target == nil {
		return
	}
	if t.Reports == 0 {
		t.From = at
	}
	t.To = at
	t.Reports++
	if b.reports[i] == 0 {
		t.Times[i] = at
	}
	b.reports[i]++
	if boot := doc.Host.BootID; boot != b.boot || t.Boots == 0 {
		b.boot = boot
		t.Boots++
	}
	target.add(i, t.Reports, doc)
	b.addFindings(i, target, doc)
	b.addProcesses(i, target, doc)
}

func (b *builder) addFindings(i int, target *Target, doc *report.Document) {
	counts := map[string]int{}
	last := map[string]*report.DocumentFinding{}
	for j := range doc.Findings {
		f := &doc.Findings[j]
		if matches(b.process, f.Process) {
			// Prefork workers share a fingerprint: together they are one cause. One
			// report may know the place in the code, and the next may not.
			key := leak.BaseFingerprint(f.Fingerprint)
			counts[key] += sane(f.Count)
			last[key] = f
		}
	}
	for key, n := range counts {
		if s := b.series(b.findings, target, key); s != nil {
			f := last[key]
			s.Fingerprint, s.Rule, s.Level = words.Clean(key), words.Clean(f.Rule), words.Clean(f.Level)
			s.Name, s.Where = words.Clean(f.Process), where(f)
			s.report = b.report
			s.put(i, b.buckets, n)
		}
	}
}

func (b *builder) addProcesses(i int, target *Target, doc *report.Document) {
	states := map[string]int{}
	fullest := map[string]*report.DocumentProcess{}
	for j := range doc.Processes {
		p := &doc.Processes[j]
		if !matches(b.process, p.Name) {
			continue
		}
		for state, n := range p.TCPStates {
			states[state] += sane(n)
		}
		if p.Descriptors != nil && (fullest[p.Name] == nil || fullness(p) > fullness(fullest[p.Name])) {
			fullest[p.Name] = p
		}
	}
	for name, p := range fullest {
		if s := b.series(b.processes, target, name); s != nil {
			s.Name, s.Limit = words.Clean(name), int(min(p.DescriptorLimit, 1<<31-1))
			s.put(i, b.buckets, sane(*p.Descriptors))
		}
	}
	for state, n := range states {
		if s := b.series(b.states, target, state); s != nil {
			s.Name = words.Clean(state)
			s.put(i, b.buckets, n)
		}
	}
}

// fullness is the share of the descriptor limit that is used.
func fullness(p *report.DocumentProcess) float64 {
	return float64(*p.Descriptors) / float64(max(1, p.DescriptorLimit))
}

// series returns the series of the key, or nil when there are too many.
func (b *builder) series(m map[string]*Series, target *Target, key string) *Series {
	key = target.Name + "\x00" + key
	s := m[key]
	if s == nil && len(b.findings)+len(b.processes)+len(b.states) >= maxSeries {
		if len(b.left) < maxSeries {
			b.left[key] = true
		}
		return nil
	}
	if s == nil {
		s = &Series{Target: target}
		m[key] = s
	}
	return s
}

// finish drops stretches of time without a usable report, and judges.
func (b *builder) finish() {
	t := b.trend
	t.LeftOut = len(b.left)
	t.Findings, t.Processes, t.States = values(b.findings), values(b.processes), values(b.states)
	for _, target := range b.targets {
		target.settle()
		t.Targets = append(t.Targets, target)
	}
	slices.SortFunc(t.Targets, func(a, b *Target) int { return cmp.Compare(a.Name, b.Name) })
	b.dropEmpty()
	for _, list := range [][]*Series{t.Findings, t.Processes, t.States} {
		for _, s := range list {
			s.judge(t)
		}
	}
	slices.SortFunc(t.Findings, byUrgency)
	slices.SortFunc(t.Processes, func(a, b *Series) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(b.Now, a.Now), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Target.Name, b.Target.Name))
	})
	slices.SortFunc(t.States, func(a, b *Series) int {
		return cmp.Or(cmp.Compare(b.Max, a.Max), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Target.Name, b.Target.Name))
	})
}

func (b *builder) dropEmpty() {
	t := b.trend
	for _, list := range [][]*Series{t.Findings, t.Processes, t.States} {
		for _, s := range list {
			s.buckets = full(s.buckets, b.reports)
		}
	}
	for _, target := range t.Targets {
		target.buckets = full(target.buckets, b.reports)
	}
	t.Times = slices.DeleteFunc(t.Times, time.Time.IsZero)
	b.reports = slices.DeleteFunc(b.reports, func(n int32) bool { return n == 0 })
}

// full leaves out what stands for buckets without a report.
func full[T any](list []T, reports []int32) []T {
	var kept []T
	for i, n := range reports {
		if n > 0 {
			kept = append(kept, list[i])
		}
	}
	return kept
}

func values(m map[string]*Series) []*Series {
	list := make([]*Series, 0, len(m))
	for _, s := range m {
		list = append(list, s)
	}
	return list
}

// byUrgency sorts growing before new before steady before not seen and ended, then by
// level and size.
func byUrgency(a, b *Series) int {
	return cmp.Or(
		cmp.Compare(urgency(b), urgency(a)), cmp.Compare(rank(b.Level), rank(a.Level)),
		cmp.Compare(b.Now, a.Now), cmp.Compare(b.Max, a.Max),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(a.Target.Name, b.Target.Name))
}

func urgency(s *Series) int {
	switch {
	case s.Ended:
		return 0
	case s.Unseen:
		return 1
	case s.Growth.Growing:
		return 4
	case s.New:
		return 3
	}
	return 2
}

// rank orders levels; an unknown one comes last.
func rank(level string) leak.Level {
	l, _ := leak.ParseLevel(level)
	return l
}

// share is the share of the limit in use, in thousandths.
func share(s *Series) int { return s.Now * 1000 / max(1, s.Limit) }
