package track

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// Memory returns what the next run needs to go on from here, or nil before
// the first look. The order is total, so that equal histories give equal
// bytes.
func (h *History) Memory() *Memory {
	if h.now == nil {
		return nil
	}
	if h.seq == 1 { // tracks are not built for a single look
		one := NewHistory()
		one.now, one.accepts, one.seq, one.looks, one.procs = h.now, h.accepts, h.seq, h.looks, h.procs
		one.follow(h.now)
		h = one
	}
	m := &Memory{Version: MemoryVersion, BootID: h.now.BootID}
	for _, l := range last(h.looks) {
		m.Looks = append(m.Looks, MemoryLook{Stamp(l.Taken), l.Sockets, l.New, l.Gone, l.Blind})
	}
	m.Processes = h.memoryProcesses()
	m.Sockets = h.memorySockets()
	if extra := len(m.Sockets) - MaxSockets; extra > 0 {
		m.Sockets, m.Forgotten = m.Sockets[:MaxSockets], extra
	}
	m.Closings = h.memoryClosings()
	return m
}

// last returns the newest elements that are remembered.
func last[T any](list []T) []T { return list[max(0, len(list)-maxRemembered):] }

func (h *History) memoryProcesses() []MemoryProcess {
	var list []MemoryProcess
	for i := range h.now.Processes {
		p := &h.now.Processes[i]
		if k := h.procs[p.ID]; k != nil {
			list = append(list, MemoryProcess{PID: p.ID.PID, Start: p.ID.Start, StartedMS: Stamp(p.Started),
				FirstMS: Stamp(k.First), CPUMS: p.CPU.Milliseconds(), Threads: k.ThreadsFirst, FDs: memoryPoints(k.FDs)})
		}
	}
	newest := func(p MemoryProcess) int64 {
		if len(p.FDs) == 0 {
			return 0
		}
		return p.FDs[len(p.FDs)-1][1]
	}
	slices.SortStableFunc(list, func(a, b MemoryProcess) int { return cmp.Compare(newest(b), newest(a)) })
	return list[:min(len(list), maxProcesses)]
}

// memorySockets returns every socket that can outlive the time between two
// runs, the longest in its state first.
func (h *History) memorySockets() []MemorySocket {
	var list []MemorySocket
	for _, s := range h.now.Sockets {
		k := h.tracks[s.ID()]
		if k == nil || s.State == socket.TimeWait {
			continue
		}
		id := s.ID()
		m := MemorySocket{NetNS: id.NetNS, Cookie: id.Cookie, Inode: id.Inode, State: s.State,
			FirstMS: Stamp(k.First), SinceMS: Stamp(k.StateSince), MovedMS: Stamp(k.Moved), Looks: k.Looks,
			Received: k.received, Acked: k.acked, RecvQ: k.recvQ, SendQ: k.sendQ, RecvQMin: k.RecvQMin,
			Uses: k.Uses, Moving: k.moving, IdleMS: k.idle.Milliseconds(), AgeMS: k.age.Milliseconds(), MemoryKind: kindOf(k.population)}
		if len(s.Holders) > 0 {
			m.PID, m.Start = s.Holders[0].Process.PID, s.Holders[0].Process.Start
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b MemorySocket) int { return cmp.Compare(a.SinceMS, b.SinceMS) })
	return list
}

func memoryPoints(points []Point) []MemoryPoint {
	var list []MemoryPoint
	for _, p := range last(points) {
		list = append(list, MemoryPoint{Stamp(p.At), int64(p.Count)})
	}
	return list
}
