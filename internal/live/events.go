package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
)

// Event is something that has happened between two samples.
type Event struct {
	At    time.Time // of the sample that saw it
	Kind  EventKind
	Level leak.Level // of the finding; 0 where it is about a process
	Text  string     // in words, clean

	of   place // of a finding
	from int   // when it grew, from how many sockets
}

// EventKind says what has happened, in a word for people.
type EventKind string

// What happens.
const (
	New     EventKind = "new"     // a finding, or a process
	Grew    EventKind = "grew"    // a finding has more sockets
	Firmer  EventKind = "worse"   // a finding has a higher level
	Ended   EventKind = "ended"   // a finding or a process is not there any more
	Waiting EventKind = "waiting" // no process is left to look at
)

// maxEvents is how many are kept.
const maxEvents = 64

// events follows what comes, grows and goes.
type events struct {
	list  []Event // oldest first
	fresh int     // how many of them are of the newest sample

	open      map[place]known
	processes map[socket.ProcessID]string // targets by name; nil before the first sample
}

// known is a finding of the last sample.
type known struct {
	text    string
	level   leak.Level
	sockets int
}

// add notes what has happened since the last report.
func (e *events) add(r *report.Report, byProcess bool) {
	e.fresh = 0
	e.list = slices.Clone(e.list) // the old one has been handed out
	if byProcess {
		e.follow(r.Snapshot)
	}
	open := map[place]known{}
	for i := range r.Findings {
		f := &r.Findings[i]
		key := placeOf(f)
		now := known{fmt.Sprintf("%s[%s] %s", f.Level, f.Rule, report.Headline(r, f)), f.Level, len(f.Sockets)}
		open[key] = now
		before, there := e.open[key]
		event := Event{At: r.Snapshot.Taken, Kind: New, Level: f.Level, Text: now.text, of: key}
		switch {
		case !there:
			e.note(event)
		case now.level > before.level:
			event.Kind = Firmer
			e.note(event)
		case now.sockets > before.sockets:
			event.Kind, event.from = Grew, before.sockets
			e.grow(event, now.sockets)
		}
	}
	for _, key := range sortedPlaces(e.open) {
		if _, still := open[key]; !still {
			gone := e.open[key]
			e.note(Event{At: r.Snapshot.Taken, Kind: Ended, Level: gone.level, Text: gone.text, of: key})
		}
	}
	e.open = open
}

func (e *events) note(event Event) {
	e.list = append(e.list, event)
	e.list = e.list[max(0, len(e.list)-maxEvents):]
	e.fresh = min(e.fresh+1, maxEvents)
}

// grow notes that a finding grew. What grows all the time is one event.
func (e *events) grow(event Event, to int) {
	for i := len(e.list) - 1; i >= 0 && e.list[i].of != (place{}); i-- {
		if old := &e.list[i]; old.of == event.of {
			if old.Kind == Grew {
				event.from = old.from
				e.list = slices.Delete(e.list, i, i+1)
			}
			break
		}
	}
	event.Text = fmt.Sprintf("from %d to %d: %s", event.from, to, event.Text)
	e.note(event)
}

// follow notes which of the targets have come and gone.
func (e *events) follow(snap *socket.Snapshot) {
	now := map[socket.ProcessID]string{}
	for i := range snap.Processes {
		p := &snap.Processes[i]
		if !p.Target {
			continue
		}
		now[p.ID] = processName(p)
		if _, there := e.processes[p.ID]; !there && e.processes != nil {
			e.note(Event{At: snap.Taken, Kind: New, Text: now[p.ID]})
		}
	}
	for _, id := range sortedProcesses(e.processes) {
		if _, still := now[id]; !still {
			e.note(Event{At: snap.Taken, Kind: Ended, Text: e.processes[id]})
		}
	}
	e.processes = now
}
