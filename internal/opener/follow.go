//go:build linux

package opener

import (
	"io"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/golang"
)

// follow reads a stack in the way of the program's language.
func follow(p *program.Program, at Place, mem *reader) Stack {
	switch p.Process.Runtime {
	case socket.Go:
		if p.Go != nil {
			return goStack(p, at, mem)
		}
	case socket.Python:
		if s, ok := pythonStack(p, at, mem); ok {
			return s
		}
		if at.Stack != nil {
			return Stack{Frames: p.Native(mem, at.Registers), Doubt: "the thread ran no Python, or its program had just begun"}
		}
	case socket.Native:
	default: // what runs there is interpreted or compiled while it runs
		return Stack{Doubt: "stacks of " + name(p.Process.Runtime) + " cannot be read from outside"}
	}
	return Stack{Frames: p.Native(mem, at.Registers)}
}

func name(r socket.Runtime) string {
	if r == socket.RuntimeUnknown {
		return "this runtime"
	}
	return string(r)
}

// goStack is the stack of a goroutine, or of C code that one has called.
func goStack(p *program.Program, at Place, mem *reader) Stack {
	calls := at.Calls
	if len(calls) == 0 {
		calls = p.Go.Callers(golang.Stack{PC: at.Registers.PC, SP: at.Registers.SP, Memory: mem})
	}
	var s Stack
	for len(calls) > 0 {
		end := slices.Index(calls, 0)
		if end < 0 {
			end = len(calls)
		}
		s.Frames = append(s.Frames, p.Go.Frames(calls[:end])...)
		calls = calls[min(end+1, len(calls)):]
	}
	if len(s.Frames) == 0 {
		s.Frames = p.Native(mem, at.Registers)
	}
	runtime := p.GoRuntime(mem)
	if g, ok := runtime.Running(at.Goroutine, at.Registers.SP); ok {
		at.Creator = g.Creator
		for _, calls := range runtime.Ancestors(g) { // who had it started, as of a connection that net/http dials
			s.Frames = append(s.Frames, p.Go.Frames(calls)...)
		}
	}
	if at.Creator != 0 {
		s.Start = p.Go.Statement(at.Creator)
	}
	return s
}

// pythonStack is the Python stack of a thread; ok is false where it runs none.
func pythonStack(p *program.Program, at Place, mem *reader) (s Stack, ok bool) {
	if len(at.Python) > 0 { // what code objects say does not change
		if in := p.Python(memory.NewCache(p.Memory, 256)); in != nil {
			s.Frames = in.Frames(at.Python)
		}
		return s, len(s.Frames) > 0
	}
	in := p.Python(mem)
	if in == nil || at.Stack != nil {
		return s, false
	}
	state := in.Thread(at.TID)
	if state == 0 {
		return s, false
	}
	s.Frames = in.Stack(state)
	return s, len(s.Frames) > 0
}

// reader reads a process's memory as it was when the thread was at the place:
// its stack out of the copy, files that are mapped through a cache, and all
// else only while the thread is stopped.
type reader struct {
	place  Place
	maps   memory.Maps
	tables io.ReaderAt
	now    io.ReaderAt // nil while the thread runs on
}

// ReadAt reads at an address; all or it fails.
func (r *reader) ReadAt(buf []byte, addr int64) (int, error) {
	sp := r.place.Registers.SP
	if at := uint64(addr); at >= sp && at-sp < uint64(len(r.place.Stack)) {
		if n := copy(buf, r.place.Stack[at-sp:]); n < len(buf) {
			return n, io.ErrUnexpectedEOF
		}
		return len(buf), nil
	}
	if m := r.maps.At(uint64(addr)); m != nil && !m.Writable && strings.HasPrefix(m.Path, "/") {
		return r.tables.ReadAt(buf, addr)
	}
	if r.now == nil {
		return 0, io.ErrUnexpectedEOF
	}
	return r.now.ReadAt(buf, addr)
}
