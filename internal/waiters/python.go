//go:build linux

package waiters

import (
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// pythonThreads are the threads of a program that runs in CPython.
type pythonThreads struct {
	interpreter *python.Interpreter
	threads     map[int]uint64 // addresses of the thread states, by thread
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
		ids[l.Threads[i].TID] = true
	}
	return &pythonThreads{in, in.Threads(func(tid int) bool { return ids[tid] })}
}

// threadFrames is the Python stack of a thread; empty for one that runs no
// Python.
func (p *pythonThreads) threadFrames(t *Thread) []socket.Frame {
	if state := p.threads[t.TID]; state != 0 {
		return p.interpreter.Stack(state)
	}
	return nil
}
