//go:build linux

package program

import (
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// openPython finds the interpreter of a known release.
func (p *Program) openPython() error {
	m, minor := p.interpreter()
	if m == nil {
		return python.ErrRelease
	}
	runtime, err := p.dynamicSymbol(m, "_PyRuntime")
	if err != nil {
		return err
	}
	p.python, err = python.New(p.Cached, minor, runtime)
	return err
}

// Python returns a reader of the interpreter as it is in mem, the process's
// memory; nil where the program has none of a known release.
func (p *Program) Python(mem io.ReaderAt) *python.Interpreter {
	if p.python == nil {
		return nil
	}
	return p.python.With(mem)
}

// interpreter returns a mapping of the file that the interpreter is in, and the
// N of Python 3.N.
func (p *Program) interpreter() (m *memory.Mapping, minor int) {
	for _, prefix := range []string{"libpython3.", "python3."} {
		for i := range p.Maps {
			rest, ok := strings.CutPrefix(path.Base(p.Maps[i].Path), prefix)
			if !ok {
				continue
			}
			if digits := len(rest) - len(strings.TrimLeft(rest, "0123456789")); digits > 0 && !strings.HasSuffix(rest, ".zip") {
				n, _ := strconv.Atoi(rest[:digits])
				return &p.Maps[i], n
			}
		}
	}
	return nil, 0
}

// dynamicSymbol returns the address in the process of a symbol that a file
// exports.
func (p *Program) dynamicSymbol(m *memory.Mapping, name string) (addr uint64, err error) {
	defer memory.Guard(&err)
	img, err := p.Memory.Image(p.Maps, m, p.Process.Exe)
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
