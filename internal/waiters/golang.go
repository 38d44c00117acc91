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

// goroutines finds who waits by the registrations of Go's network poller: from
// the registration to the pollDesc, and from there to the one goroutine that it
// has parked, however many there are.
func (l *look) goroutines() {
	if l.prog == nil || l.prog.Go == nil {
		return
	}
	list := l.Epolls[:min(len(l.Epolls), mostPolls)]
	polls, run := make([]golang.Poll, len(list)), l.prog.Runtime
	l.load(l.prog.Cached, list)
	var parked []uint64
	for i := range list {
		if polls[i], l.found.Poller[i] = run.Poll(list[i].Data, list[i].FD); l.found.Poller[i] {
			parked = append(parked, polls[i].Reader, polls[i].Writer)
		}
	}
	l.loadStacks(slices.DeleteFunc(parked, func(g uint64) bool { return g == 0 }))
	for i := range list {
		if l.found.Poller[i] {
			l.found.ByEpoll[i], l.found.Poller[i] = l.parked(&polls[i])
		}
	}
	again := l.prog.Cached
	again.Renew(l.prog.Memory)
	l.load(again, list)
	for i := range list {
		if l.found.ByEpoll[i] == nil && !l.found.Poller[i] {
			continue
		}
		if !run.Still(again, polls[i], list[i].FD) { // it ran on while its stack was read
			l.found.ByEpoll[i], l.found.Poller[i] = nil, false
		}
	}
}

// mostPolls is how many registrations are looked at: of the others it is not known
// who waits.
const mostPolls = 20_000

// load reads the pollDescs of the registrations ahead. The first that is the
// runtime's says how to find the others.
func (l *look) load(mem *memory.Cache, list []socket.EpollWatch) {
	run := l.prog.Runtime
	for i := range list {
		if _, ok := run.Poll(list[i].Data, list[i].FD); ok {
			break
		}
	}
	addrs := make([]uint64, len(list))
	for i := range list {
		addrs[i] = run.Address(list[i].Data)
	}
	mem.Load(addrs, run.PollSize())
}

// loadStacks reads the goroutines ahead, and the innermost frames of the stacks
// that will be read.
func (l *look) loadStacks(goroutines []uint64) {
	l.prog.Cached.Load(goroutines, l.prog.Runtime.GoroutineSize())
	var at []uint64
	for _, addr := range goroutines[:min(len(goroutines), mostStacks)] {
		if g, ok := l.prog.Runtime.Goroutine(addr); ok {
			at = append(at, g.Stack.SP)
		}
	}
	l.prog.Cached.Load(at, innermost)
}

// innermost is how much of a stack is read ahead: most have no more on it.
const innermost = 1 << 10

// parked returns the goroutines that wait by a registration. known is false
// where it could not be read in one piece.
func (l *look) parked(p *golang.Poll) (list []socket.Waiter, known bool) {
	known = !p.Moving && l.prog.Runtime.Known()
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
			known = false
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
	return list, known
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
	if calls := table.Callers(golang.Stack{PC: t.PC, SP: t.SP}); len(calls) > 0 {
		return table.Frames(calls) // none of a thread of the runtime's own
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
