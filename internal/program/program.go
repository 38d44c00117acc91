//go:build linux

package program

import (
	"errors"
	"io"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/golang"
	"github.com/sockleak/sockleak/internal/symbol/native"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// cachePages bounds how much of a process's memory is kept.
const cachePages = 4096

// Program is what runs in a process. It is not safe for concurrent use.
type Program struct {
	Process *socket.Process
	Memory  *memory.Process
	// Cached reads Memory by pages that are kept: for what does not change, and
	// for all else within one look.
	Cached *memory.Cache
	Maps   memory.Maps

	Go        *golang.Table       // of a Go program, else nil
	Runtime   *golang.Runtime     // of a Go program, else nil
	variables golang.Range        // of Go, that begin as zero
	release   string              // of Go, such as go1.26.8
	python    *python.Interpreter // of a Python program, else nil
	modules   map[string]*module
	rows      native.Rows
	closers   []io.Closer
	unread    error
}

// Open opens the program of a process whose Exe and Runtime are known. At most
// budget bytes of its memory are read. The error wraps os.ErrPermission where
// the right to trace the process is missing.
func Open(root string, process *socket.Process, budget int64) (*Program, error) {
	mem, err := memory.Open(root, process.ID.PID, budget)
	if err != nil {
		return nil, err
	}
	p := &Program{Process: process, Memory: mem, Cached: memory.NewCache(mem, cachePages), modules: map[string]*module{}, rows: native.Rows{}}
	p.closers = append(p.closers, mem)
	if p.Maps, err = mem.Maps(); err != nil {
		p.Close()
		return nil, err
	}
	switch {
	case p.of32Bits():
		p.unread = Err32Bits
	case process.Runtime == socket.Go:
		p.unread = p.openGo()
	case process.Runtime == socket.Python:
		p.unread = p.openPython()
	}
	return p, nil
}

// Err32Bits is why no stack of a 32-bit program can be read.
var Err32Bits = errors.New("it is a 32-bit program")

// of32Bits reports whether the executable is a 32-bit program, by EI_CLASS of
// its ELF header.
func (p *Program) of32Bits() bool {
	const class, class32 = 4, 1
	var head [class + 1]byte
	exe := p.executable()
	if exe == nil {
		return false
	}
	_, err := p.Memory.ReadAt(head[:], int64(exe.Start))
	return err == nil && exe.Offset == 0 && string(head[:class]) == "\x7fELF" && head[class] == class32
}

// Unread says why the stacks of the program's language cannot be read; nil
// where they can, or where it has none of its own.
func (p *Program) Unread() error { return p.unread }

// Close closes the files.
func (p *Program) Close() error {
	var errs []error
	for _, c := range p.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
