//go:build linux

package opener

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/native"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// Place is where a thread was in its program, as a tracer found it.
type Place struct {
	PID, TID int
	// Image tells the programs apart that a process runs one after the other:
	// another number after each execve(2). Processes that were forked off may
	// share the one of their parent.
	Image     uint64
	Registers native.Registers
	// Stack is a copy of the stack from SP upwards; nil where the thread is
	// stopped, so that its memory can be read as it is.
	Stack []byte
	// Calls are the return addresses of a Go program, where the tracer has
	// followed frame pointers itself; empty where the stack has to be followed.
	// Behind a 0 are those of the goroutine that waits for the one before.
	Calls []uint64
	// Python are the frames of a Python program, where the tracer has read them.
	Python []python.Position
	// Goroutine is the address of the runtime.g of a Go program; 0 where it is
	// not known. Creator is what that says of the go statement, where the tracer
	// has read it.
	Goroutine, Creator uint64
}

// Stack is a stack with its names.
type Stack struct {
	Frames []socket.Frame // the innermost first
	Start  *socket.Frame  // the statement that started the goroutine or thread; nil when not known
	Doubt  string         // why there are no frames, or fewer; "" when it is whole
}

const (
	mostPrograms = 64        // that are kept open at a time
	budget       = 512 << 20 // bytes that are read of one program's memory
	stackBudget  = 8 << 20   // and at least of each stack
)

// Stacks names stacks. It keeps what it has opened of each program, so that a
// stack can still be named a moment after its process has gone. It is not safe
// for concurrent use.
type Stacks struct {
	root     string // of the proc file system
	fs       proc.FS
	programs map[uint64]*program.Program // by image; nil for what cannot be read
	doubts   map[uint64]string           // why
	order    []uint64                    // of programs, the oldest first
	now      *memory.Cache               // of the thread that is stopped
}

// NewStacks returns one that reads the proc file system at root.
func NewStacks(root string) (*Stacks, error) {
	fs, err := proc.New(root)
	if err != nil {
		return nil, err
	}
	return &Stacks{root: root, fs: fs, programs: map[uint64]*program.Program{}, doubts: map[uint64]string{}, now: memory.NewCache(nil, 256)}, nil
}

// Close closes all programs.
func (s *Stacks) Close() {
	for len(s.order) > 0 {
		s.forgetOldest()
	}
}

func (s *Stacks) forgetOldest() { s.Forget(s.order[0]) }

// Forget closes a program, so that it is opened anew when it is asked for.
func (s *Stacks) Forget(image uint64) {
	s.order = slices.DeleteFunc(s.order, func(other uint64) bool { return other == image })
	if p := s.programs[image]; p != nil {
		p.Close()
	}
	delete(s.programs, image)
	delete(s.doubts, image)
}

// Program opens the program of a process, which takes some milliseconds once, or
// returns the one that is open. The doubt says why there is none, or why stacks
// of its language cannot be read.
func (s *Stacks) Program(pid int, image uint64) (prog *program.Program, doubt string) {
	if p, seen := s.programs[image]; seen {
		return p, s.doubts[image]
	}
	if len(s.order) >= mostPrograms {
		s.forgetOldest()
	}
	p, err := s.open(pid)
	s.order = append(s.order, image)
	s.programs[image] = p
	switch {
	case errors.Is(err, os.ErrPermission):
		s.doubts[image] = "the memory of the process may not be read (CAP_SYS_PTRACE)"
	case errors.Is(err, os.ErrNotExist):
		s.doubts[image] = "the process ended before its program was opened"
	case err != nil:
		s.doubts[image] = fmt.Sprintf("the program cannot be read: %v", err)
	case p.Unread() != nil:
		s.doubts[image] = p.Unread().Error()
	}
	return p, s.doubts[image]
}

func (s *Stacks) open(pid int) (*program.Program, error) {
	process, err := s.fs.Process(pid)
	if err != nil {
		return nil, err
	}
	process.Runtime = s.fs.Runtime(&process)
	return program.Open(s.root, &process, budget)
}

// Read names the stack of a thread.
func (s *Stacks) Read(at Place) Stack {
	p, doubt := s.Program(at.PID, at.Image)
	if p == nil {
		return Stack{Doubt: doubt}
	}
	p.Memory.Allow(stackBudget)
	refresh(p, at)
	mem := &reader{place: at, maps: p.Maps, tables: p.Cached}
	if at.Stack == nil {
		s.now.Renew(p.Memory)
		mem.now = s.now
	}
	stack := follow(p, at, mem)
	if len(stack.Frames) == 0 && stack.Doubt == "" {
		stack.Doubt = doubt
	}
	if len(stack.Frames) == 0 && stack.Doubt == "" {
		stack.Doubt = "no function is known at the place"
	}
	return stack
}

// refresh reads again what is mapped where the place is in none of it, as after
// dlopen(3).
func refresh(p *program.Program, at Place) {
	if p.Maps.At(at.Registers.PC) == nil {
		if maps, err := p.Memory.Maps(); err == nil && len(maps) > 0 {
			p.Maps = maps
		}
	}
}
