package live

import (
	"maps"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
)

// Recorder remembers what a report does not say. The zero value is not ready:
// see NewRecorder.
type Recorder struct {
	everything bool
	states     series[socket.State]
	fds        series[socket.ProcessID]
	held       series[socket.ProcessID]
	findings   series[place]
	total      series[string]
	seen       map[place]time.Time
	times      []time.Time
	begin      time.Time // of the first sample
	events     events
	lives      lives
	commands   map[socket.ProcessID]string
	last       *Sample
}

// What is kept: more samples than a terminal has columns, and as many of each
// process and finding as a column of a table shows.
const (
	maxSamples = 512
	maxColumn  = 64
)

// freshFor is how long a finding counts as new.
const freshFor = 10 * time.Second

// NewRecorder returns an empty recorder. everything says that every process of
// the machine is looked at: then it is no event when one comes or goes.
func NewRecorder(everything bool) *Recorder {
	return &Recorder{everything: everything, states: newSeries[socket.State](maxSamples), total: newSeries[string](maxSamples),
		fds: newSeries[socket.ProcessID](maxSamples), held: newSeries[socket.ProcessID](maxColumn),
		findings: newSeries[place](maxColumn), seen: map[place]time.Time{}, commands: map[socket.ProcessID]string{}}
}

// Add takes in the next report, which must not be changed afterwards, and
// returns all that is to be shown. opened are the sockets whose passages are.
func (r *Recorder) Add(rep *report.Report, opened ...socket.ID) *Sample {
	at := rep.Snapshot.Taken
	r.follow(rep, at)
	r.events.add(rep, !r.everything)
	r.lives.add(rep.Snapshot)
	s := &Sample{Report: rep, Verdict: report.VerdictLine(rep, report.Options{}),
		Events: r.events.list, Fresh: r.events.fresh, Passages: map[socket.ID][]Passage{}}
	if looks := rep.History.Looks(); len(looks) > 1 {
		newest := looks[len(looks)-1]
		s.New, s.Gone = newest.New, newest.Gone
	}
	s.sockets(rep)
	r.describe(s)
	r.remember(s, opened)
	r.last = s
	return s
}

// maxRemembered bounds of how many sockets of findings a sample has the passages.
const maxRemembered = 1024

// remember hands out the passages of the opened sockets, and of those that are
// likely to be opened.
func (r *Recorder) remember(s *Sample, opened []socket.ID) {
	for i := range s.Sockets {
		if s.Sockets[i].Level > 0 && len(opened) < maxRemembered {
			opened = append(opened, s.Sockets[i].ID())
		}
	}
	for _, id := range opened {
		s.Passages[id] = r.lives.passages(id)
	}
}

// Lost notes that there is nothing to look at, for a reason in words, and
// returns the last sample with it. Add ends that.
func (r *Recorder) Lost(at time.Time, why string) *Sample {
	if r.last == nil {
		return nil
	}
	s := *r.last
	r.times = append(r.times, at)[max(0, len(r.times)+1-maxSamples):]
	r.states.add(nil)
	r.total.add(map[string]int{})
	r.fds.add(nil)
	r.held.add(nil)
	r.events.fresh = 0
	if s.Missing == "" {
		s.At = at
		r.events.list = slices.Clone(r.events.list)
		r.events.note(Event{At: at, Kind: Waiting, Text: why})
	}
	s.Missing = why
	s.Events, s.Fresh = r.events.list, r.events.fresh
	s.Charts, s.Times = r.charts(s.Report), r.times
	r.last = &s
	return &s
}

// follow takes the numbers out of a report.
func (r *Recorder) follow(rep *report.Report, at time.Time) {
	if r.begin.IsZero() {
		r.begin = at
	}
	r.times = append(r.times, at)[max(0, len(r.times)+1-maxSamples):]
	r.states.add(rep.Total.States)
	fds, held, all := map[socket.ProcessID]int{}, map[socket.ProcessID]int{}, 0
	for i := range rep.Snapshot.Processes {
		if p := &rep.Snapshot.Processes[i]; p.Target && p.FDs > 0 {
			fds[p.ID] = p.FDs
			all += p.FDs
		}
	}
	for i := range rep.Accounts {
		held[rep.Accounts[i].Process] = rep.Accounts[i].Sockets
	}
	r.total.add(map[string]int{"descriptors": all, "sockets": rep.Total.Sockets})
	r.fds.add(fds)
	r.held.add(held)
	counts := map[place]int{}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		key := placeOf(f)
		counts[key] += len(f.Sockets)
		if _, there := r.seen[key]; !there {
			r.seen[key] = at
		}
	}
	r.findings.add(counts)
	maps.DeleteFunc(r.seen, func(k place, _ time.Time) bool {
		_, there := counts[k]
		return !there
	})
}

// describe fills in findings, processes and charts.
func (r *Recorder) describe(s *Sample) {
	for i := range s.Findings {
		f := &s.Findings[i]
		f.Series = r.findings.points[f.place]
		since := r.seen[f.place]
		f.New = since.After(r.begin) && s.Report.Snapshot.Taken.Sub(since) < freshFor
	}
	for i := range s.Processes {
		p := &s.Processes[i]
		p.Series, p.FDSeries = r.held.points[p.ID], r.fds.points[p.ID]
	}
	r.name(s)
	s.Charts, s.Times = r.charts(s.Report), r.times
}

// charts returns the states, the most suspicious first, and the descriptors.
func (r *Recorder) charts(rep *report.Report) []Chart {
	var list []Chart
	add := func(name string, points []int, limit int) {
		if points != nil {
			list = append(list, Chart{name, points, limit})
		}
	}
	add("descriptors", r.total.points["descriptors"], descriptorLimit(rep))
	add("sockets", r.total.points["sockets"], 0)
	order := slices.SortedFunc(maps.Keys(r.states.points), func(a, b socket.State) int { return stateRank(a) - stateRank(b) })
	for _, state := range order {
		add(state.String(), r.states.points[state], 0)
	}
	return list
}

// stateRank puts the states in which sockets leak before the others.
func stateRank(s socket.State) int {
	i := slices.Index([]socket.State{socket.CloseWait, socket.FinWait2, socket.Close, socket.Established, socket.SynSent, socket.Listen}, s)
	if i < 0 {
		return 100 + int(s)
	}
	return i
}

// descriptorLimit is how many descriptors the target may have, where it is one
// process.
func descriptorLimit(rep *report.Report) int {
	limit, n := 0, 0
	for i := range rep.Snapshot.Processes {
		if p := &rep.Snapshot.Processes[i]; p.Target {
			n++
			limit = int(min(p.FDLimit, 1<<31))
		}
	}
	if n != 1 {
		return 0
	}
	return limit
}

// levels counts the sockets of each process by the worst finding about them.
func (s *Sample) levels() map[socket.ProcessID][leak.Leak + 1]int {
	counts := map[socket.ProcessID][leak.Leak + 1]int{}
	for i := range s.Sockets {
		k := &s.Sockets[i]
		if k.Level == 0 {
			continue
		}
		for j, h := range k.Holders {
			if j > 0 && h.Process == k.Holders[j-1].Process {
				continue
			}
			c := counts[h.Process]
			c[k.Level]++
			counts[h.Process] = c
		}
	}
	return counts
}

// name gives each process its command line, which is written once.
func (r *Recorder) name(s *Sample) {
	before := r.commands
	r.commands = make(map[socket.ProcessID]string, len(s.Processes))
	var write func(args []string) string
	for i := range s.Processes {
		p := &s.Processes[i]
		text, known := before[p.ID]
		if !known {
			if write == nil {
				write = report.CommandLines(s.Report.FullCommand)
			}
			text = write(p.Args)
		}
		p.Command, r.commands[p.ID] = text, text
	}
}
