//go:build linux

package waiters

import (
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/golang"
	"github.com/sockleak/sockleak/internal/symbol/native"
)

// goroutines finds who waits by the registrations of Go's network poller.
func (l *look) goroutines() {
	if l.prog == nil || l.prog.Go == nil {
		return
	}
	const most = 20_000 // registrations: with more, the others are not known
	polls := make([]golang.Poll, min(len(l.Epolls), most))
	for i := range polls {
		polls[i], l.found.ByEpoll[i], l.found.Poller[i] = l.parked(&l.Epolls[i])
	}
	again := memory.NewCache(l.prog.Memory, cachePages)
	for i := range polls {
		if l.found.ByEpoll[i] == nil && !l.found.Poller[i] {
			continue
		}
		if !l.prog.Runtime.Still(again, polls[i], l.Epolls[i].FD) { // it ran on while its stack was read
			l.found.ByEpoll[i], l.found.Poller[i] = nil, false
		}
	}
}

// parked returns the goroutines that wait by a registration. known is false
// where it is not the poller's, or where it could not be read in one piece.
func (l *look) parked(e *socket.EpollWatch) (p golang.Poll, list []socket.Waiter, known bool) {
	run := l.prog.Runtime
	p, ok := run.Poll(e.Data, e.FD)
	if !ok {
		return p, nil, false
	}
	complete := !p.Moving && run.Known()
	for _, one := range []struct {
		g        uint64
		write    bool
		deadline int64
	}{{p.Reader, false, p.ReadDeadline}, {p.Writer, true, p.WriteDeadline}} {
		if one.g == 0 {
			continue
		}
		w, ok := l.goroutine(one.g, one.write)
		if !ok {
			complete = false
			continue
		}
		if one.deadline >= 0 {
			w.TimeoutKnown = true
			if one.deadline > 0 {
				w.Timeout = max(time.Duration(one.deadline-l.now), 1)
			}
		}
		list = append(list, w)
	}
	return p, list, complete
}

func (l *look) goroutine(addr uint64, write bool) (w socket.Waiter, ok bool) {
	g, ok := l.prog.Runtime.Goroutine(addr)
	if !ok {
		return w, false
	}
	w = socket.Waiter{Kind: socket.GoroutineWaiter, Process: l.Process.ID, ID: g.ID, Call: "read"}
	if write {
		w.Call = "write"
	}
	if g.WaitSince > 0 && g.WaitSince <= l.now {
		w.For = time.Duration(l.now - g.WaitSince)
	}
	if l.stacks < mostStacks {
		l.stacks++
		table := l.prog.Go
		pcs := table.Callers(g.Stack)
		w.Call = l.prog.Runtime.Call(pcs, write)
		w.Frames, w.Start = table.Frames(pcs), table.Statement(g.Creator)
	}
	return w, true
}

// goFrames is the stack of a thread that sleeps in a system call, which a Go
// function made, or C code that one has called through cgo: then the stack of
// that goes on with the goroutine's.
func (l *look) goFrames(t *Thread) []socket.Frame {
	table := l.prog.Go
	if frames := table.Frames(table.Callers(golang.Stack{PC: t.PC, SP: t.SP})); len(frames) > 0 {
		return frames
	}
	frames := l.prog.Native(l.prog.Cached, native.Registers{PC: t.PC, SP: t.SP})
	if i := slices.IndexFunc(frames, func(f socket.Frame) bool { return strings.HasPrefix(f.Function, "runtime.") }); i >= 0 {
		frames = frames[:i]
	}
	if m := l.prog.Maps.At(t.SP); m != nil {
		if g, ok := l.prog.Runtime.Cgo(t.SP, m.End, l.own(t.TID)); ok {
			frames = append(frames, table.Frames(table.Callers(g.Stack))...)
		}
	}
	return frames
}
