//go:build linux

package waiters

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// pythonThreads are the threads of a program that runs in CPython.
type pythonThreads struct {
	interpreter *python.Interpreter
	threads     map[int]uint64 // addresses of the thread states, by thread
	tids        tids
}

// openPython finds the threads; nil where there is no interpreter of a known
// release.
func (l *look) openPython() *pythonThreads {
	in := l.prog.Python(l.prog.Cached)
	if in == nil {
		return nil
	}
	ids := map[int]bool{}
	for i := range l.Threads {
		ids[l.own(l.Threads[i].TID)] = true
	}
	return &pythonThreads{in, in.Threads(func(tid int) bool { return ids[tid] }), l.tids}
}

// threadFrames is the Python stack of a thread; empty for one that runs no
// Python.
func (p *pythonThreads) threadFrames(t *Thread) []socket.Frame {
	if state := p.state(t.TID); state != 0 {
		return p.interpreter.Stack(state)
	}
	return nil
}

// state returns the address of a thread's state; 0 for one that runs no Python.
func (p *pythonThreads) state(tid int) uint64 { return p.threads[p.tids.own(tid)] }

// runningPython is the stack that a thread which runs was seen to have most
// often.
func (l *look) runningPython(tid int) []socket.Frame {
	const samples, pages = 24, 256
	state := l.python.state(tid)
	if state == 0 {
		return nil
	}
	times, best := map[string]int{}, 0
	var most []socket.Frame
	for range samples {
		in := l.prog.Python(memory.NewCache(l.prog.Memory, pages))
		if in == nil {
			return nil
		}
		frames := in.Stack(state)
		key := ""
		for _, f := range frames {
			key += fmt.Sprintf("%s:%d ", f.File, f.Line)
		}
		if times[key]++; len(frames) > 0 && times[key] > best {
			most, best = frames, times[key]
		}
		time.Sleep(time.Millisecond)
	}
	return most
}
