//go:build linux

package waiters

import (
	"path"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// pythonProgram is what is known of a program that runs in CPython.
type pythonProgram struct {
	interpreter *python.Interpreter
	threads     map[int]uint64 // addresses of the thread states, by thread
}

// openPython finds the interpreter; nil where there is none of a known release.
func (l *look) openPython() (*pythonProgram, error) {
	m, minor := l.interpreter()
	if m == nil {
		return nil, python.ErrRelease
	}
	runtime, err := l.dynamicSymbol(m, "_PyRuntime")
	if err != nil {
		return nil, err
	}
	in, err := python.New(l.cached, minor, runtime)
	if err != nil {
		return nil, err
	}
	ids := map[int]bool{}
	for i := range l.Threads {
		ids[l.Threads[i].TID] = true
	}
	return &pythonProgram{in, in.Threads(func(tid int) bool { return ids[tid] })}, nil
}

// interpreter returns a mapping of the file that the interpreter is in, and the
// N of Python 3.N.
func (l *look) interpreter() (m *memory.Mapping, minor int) {
	for _, prefix := range []string{"libpython3.", "python3."} {
		for i := range l.maps {
			rest, ok := strings.CutPrefix(path.Base(l.maps[i].Path), prefix)
			if !ok {
				continue
			}
			if digits := len(rest) - len(strings.TrimLeft(rest, "0123456789")); digits > 0 && !strings.HasSuffix(rest, ".zip") {
				n, _ := strconv.Atoi(rest[:digits])
				return &l.maps[i], n
			}
		}
	}
	return nil, 0
}

// dynamicSymbol returns the address in the process of a symbol that a file
// exports.
func (l *look) dynamicSymbol(m *memory.Mapping, name string) (addr uint64, err error) {
	defer memory.Guard(&err)
	img, err := l.mem.Image(l.maps, m, l.Process.Exe)
	if err != nil {
		return 0, err
	}
	defer img.Close()
	symbols, err := img.DynamicSymbols()
	if err != nil {
		return 0, err
	}
	for i := range symbols {
		if symbols[i].Name == name && symbols[i].Value != 0 {
			return symbols[i].Value + img.Bias, nil
		}
	}
	return 0, python.ErrRelease
}

// threadFrames is the Python stack of a thread; empty for one that runs no
// Python.
func (p *pythonProgram) threadFrames(t *Thread) []socket.Frame {
	if state := p.threads[t.TID]; state != 0 {
		return p.interpreter.Stack(state)
	}
	return nil
}
