package archive

import (
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// maxRebuild is how many reports, counted from the newest, a state is
// rebuilt from: ten hours of runs every five minutes.
const maxRebuild = 128

// rebuild makes a state from the newest reports of this host, of the boot of
// the very newest, or nil when there are none. Reports that cannot be used
// are passed over.
//
// The reports know the sockets of findings: their ages stay exact. How much
// data had moved on them is not known, so for one run they may look alive.
func (w *Writer) rebuild() (*track.Memory, error) {
	names, _, err := w.Names(w.safe, time.Time{})
	if err != nil {
		return nil, err
	}
	names = names[max(0, len(names)-maxRebuild):]
	b := builder{memory: &track.Memory{Version: track.MemoryVersion, BootID: w.lastBoot(names)},
		processes: map[socket.ProcessID]int{}}
	for _, n := range names {
		if doc, err := w.Read(n); err == nil && w.isOurs(doc) && doc.Host.BootID == b.memory.BootID {
			b.add(doc)
		}
	}
	n := len(b.memory.Looks)
	if n == 0 {
		return nil, nil
	}
	// What was closed, and used again, in between is not known: nothing must
	// follow from it, so that looks count from the newest on.
	b.memory.Looks = b.memory.Looks[n-1:]
	return b.memory, nil
}

// lastBoot returns the boot id of the newest report that can be used.
func (w *Writer) lastBoot(names []Name) string {
	for _, n := range slices.Backward(names) {
		if doc, err := w.Summary(n); err == nil && w.isOurs(doc) {
			return doc.Host.BootID
		}
	}
	return ""
}

// isOurs: two hosts can have the same name in file names.
func (w *Writer) isOurs(doc *report.Document) bool { return doc.Host.Name == w.host }

// builder turns documents, oldest first, into a memory.
type builder struct {
	memory    *track.Memory
	processes map[socket.ProcessID]int // index in memory.Processes
}

func (b *builder) add(doc *report.Document) {
	at := track.Stamp(doc.Time)
	if n := len(b.memory.Looks); n > 0 && at <= b.memory.Looks[n-1].AtMS {
		return // the clock went back, or a file was copied
	}
	look := track.MemoryLook{AtMS: at}
	starts := map[int]uint64{} // pid to start: within one report a pid is an identity
	for i := range doc.Processes {
		p := &doc.Processes[i]
		look.Sockets += max(0, p.SocketFDs)
		starts[p.PID] = p.StartTicks
		b.process(p, at)
	}
	for i := range doc.Findings {
		starts[doc.Findings[i].PID] = doc.Findings[i].StartTicks
	}
	b.memory.Looks = append(b.memory.Looks, look)
	b.sockets(doc, starts)
}

func (b *builder) process(p *report.DocumentProcess, at int64) {
	id := socket.ProcessID{PID: p.PID, Start: p.StartTicks}
	i, known := b.processes[id]
	if !known {
		i = len(b.memory.Processes)
		b.processes[id] = i
		b.memory.Processes = append(b.memory.Processes, track.MemoryProcess{PID: id.PID, Start: id.Start, FirstMS: at})
	}
	m := &b.memory.Processes[i]
	if p.StartTime != nil {
		m.StartedMS = track.Stamp(*p.StartTime)
	}
	if p.Descriptors != nil {
		m.FDs = append(m.FDs, track.MemoryPoint{at, int64(*p.Descriptors)})
	}
}

// sockets takes the sockets of the newest report.
func (b *builder) sockets(doc *report.Document, starts map[int]uint64) {
	b.memory.Sockets = b.memory.Sockets[:0]
	for i := range doc.Sockets {
		s := &doc.Sockets[i]
		if state, ok := socket.ParseState(s.State); ok {
			b.memory.Sockets = append(b.memory.Sockets, memorySocket(s, state, starts[s.PID], doc.Time))
		}
	}
}

func memorySocket(s *report.DocumentSocket, state socket.State, start uint64, at time.Time) track.MemorySocket {
	first, since := at, at
	if s.FirstSeen != nil && s.FirstSeen.Before(at) {
		first = *s.FirstSeen
	}
	if s.StateSince != nil && s.StateSince.Before(at) {
		since = *s.StateSince
	}
	m := track.MemorySocket{NetNS: s.NetNS, Cookie: s.Cookie, PID: s.PID, Start: start, State: state,
		FirstMS: track.Stamp(first), SinceMS: track.Stamp(since), Looks: 1}
	if s.Cookie == 0 {
		m.Inode = s.Inode
	}
	if s.RecvQBytes != nil && s.SendQBytes != nil {
		m.RecvQ, m.SendQ, m.RecvQMin = *s.RecvQBytes, *s.SendQBytes, *s.RecvQBytes
	}
	return m
}
