package live

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
)

// Model is what is known after the newest report. The zero value is ready.
type Model struct {
	Report *report.Report // the newest; nil before the first
	States map[socket.State][]int
	Events []Event // oldest first
	Fresh  int     // how many of the events came with the newest report

	reports int
	open    map[place]string // the findings of the newest report
}

// Event is a finding that came or went.
type Event struct {
	At    time.Time // of the look that saw it
	Ended bool
	Text  string // the finding's headline, clean
}

// place tells findings apart from look to look, while their words change.
type place struct {
	rule          string
	process       socket.ProcessID
	local, remote netip.AddrPort
	proto         string
}

// What is kept: more looks than a terminal has columns, and more events than
// a page shows.
const (
	maxLooks  = 512
	maxEvents = 16
)

// Add takes in the next report, which must not be changed afterwards.
func (m *Model) Add(r *report.Report) {
	m.Report = r
	m.follow(r)
	open := map[place]string{}
	m.Fresh = 0
	for i := range r.Findings {
		f := &r.Findings[i]
		key := placeOf(f)
		open[key] = fmt.Sprintf("%s[%s] %s", f.Level, f.Rule, report.Headline(r, f))
		if _, known := m.open[key]; !known {
			m.event(Event{At: r.Snapshot.Taken, Text: open[key]})
		}
	}
	for _, key := range sortedPlaces(m.open) {
		if _, still := open[key]; !still {
			m.event(Event{At: r.Snapshot.Taken, Ended: true, Text: m.open[key]})
		}
	}
	m.open = open
}

func placeOf(f *leak.Finding) place {
	p := place{rule: f.Rule, process: f.Process, local: f.Local, remote: f.Remote}
	if len(f.Sockets) > 0 {
		p.proto = f.Sockets[0].Proto()
	} else if f.Location != nil {
		p.proto = fmt.Sprint(*f.Location) // an expired ignore has nothing else
	}
	return p
}

func (m *Model) event(e Event) {
	m.Fresh++
	m.Events = append(m.Events, e)
	if extra := len(m.Events) - maxEvents; extra > 0 {
		m.Events = m.Events[extra:]
	}
	m.Fresh = min(m.Fresh, maxEvents)
}

// follow appends the number of TCP sockets in each state. All series have the
// same length.
func (m *Model) follow(r *report.Report) {
	if m.States == nil {
		m.States = map[socket.State][]int{}
	}
	now := map[socket.State]int{}
	for s, n := range r.Total.States {
		now[s] += n
	}
	for s := range now {
		if m.States[s] == nil {
			m.States[s] = make([]int, m.reports)
		}
	}
	m.reports = min(m.reports+1, maxLooks)
	for s, series := range m.States {
		series = append(series, now[s])
		series = series[max(0, len(series)-maxLooks):]
		if empty(series) {
			delete(m.States, s)
			continue
		}
		m.States[s] = series
	}
}

func empty(series []int) bool {
	for _, n := range series {
		if n != 0 {
			return false
		}
	}
	return true
}
