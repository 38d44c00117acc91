//go:build linux

package waiters

import (
	"debug/elf"
	"errors"
	"time"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/golang"
)

// goProgram is what is known of a Go program.
type goProgram struct {
	table   *golang.Table
	runtime *golang.Runtime
}

var errNotGo = errors.New("the executable has no table of Go functions")

// openGo opens the tables of the executable.
func (l *look) openGo() (prog *goProgram, err error) {
	defer memory.Guard(&err)
	exe := l.executable()
	if exe == nil {
		return nil, errNotGo
	}
	img, err := l.mem.Image(l.maps, exe, exe.Path)
	if err != nil {
		return nil, err
	}
	l.closers = append(l.closers, img)
	table, addr := img.SectionData(".gopclntab", ".data.rel.ro.gopclntab")
	if table == nil {
		return nil, errNotGo
	}
	info, err := golang.ReadBuildInfo(img.Raw())
	if err != nil {
		return nil, err
	}
	symbols, err := golang.NewTable(golang.Program{Memory: l.cached, Table: table, Address: addr, Data: moduleData(img), Info: info})
	if err != nil {
		return nil, err
	}
	return &goProgram{table: symbols, runtime: golang.NewRuntime(symbols, info.GoVersion, l.cached)}, nil
}

// executable returns a mapping of the process's executable.
func (l *look) executable() *memory.Mapping {
	for i := range l.maps {
		if m := &l.maps[i]; m.Path == l.Process.Exe && m.Path != "" {
			return m
		}
	}
	return nil
}

// moduleData are the sections in which linkers put runtime.firstmoduledata:
// its own since Go 1.26, .noptrdata before, .data when the C linker is used.
func moduleData(img *memory.Image) []golang.Range {
	var ranges []golang.Range
	for _, name := range []string{".go.module", ".noptrdata", ".data", ".data.rel.ro", ".data.rel.ro.go.module"} {
		if s := img.Section(name); s != nil && s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS {
			ranges = append(ranges, golang.Range{Start: s.Addr + img.Bias, End: s.Addr + img.Bias + s.Size})
		}
	}
	return ranges
}

// goroutines finds who waits by the registrations of Go's network poller.
func (l *look) goroutines() {
	if l.golang == nil {
		return
	}
	const most = 20_000 // registrations: with more, the others are not known
	polls := make([]golang.Poll, min(len(l.Epolls), most))
	for i := range polls {
		polls[i], l.found.ByEpoll[i], l.found.Poller[i] = l.parked(&l.Epolls[i])
	}
	again := memory.NewCache(l.mem, cachePages)
	for i := range polls {
		if l.found.ByEpoll[i] == nil && !l.found.Poller[i] {
			continue
		}
		if !l.golang.runtime.Still(again, polls[i], l.Epolls[i].FD) { // it ran on while its stack was read
			l.found.ByEpoll[i], l.found.Poller[i] = nil, false
		}
	}
}

// parked returns the goroutines that wait by a registration. known is false
// where it is not the poller's, or where it could not be read in one piece.
func (l *look) parked(e *socket.EpollWatch) (p golang.Poll, list []socket.Waiter, known bool) {
	run := l.golang.runtime
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
	g, ok := l.golang.runtime.Goroutine(addr)
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
		table := l.golang.table
		pcs := table.Callers(g.Stack)
		w.Call = l.golang.runtime.Call(pcs, write)
		w.Frames, w.Start = table.Frames(pcs), table.Statement(g.Creator)
	}
	return w, true
}

// threadFrames is the stack of a thread that sleeps in a system call which a
// Go function made. One that C code made, called through cgo, is not on a
// stack of Go functions.
func (p *goProgram) threadFrames(t *Thread) []socket.Frame {
	return p.table.Frames(p.table.Callers(golang.Stack{PC: t.PC, SP: t.SP}))
}
