//go:build linux && amd64

package attach

import (
	"errors"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
)

// imageOf says how the stacks of a program are read.
func imageOf(p *program.Program) birthsImage {
	if p == nil {
		return birthsImage{Kind: birthsKindKIND_NONE}
	}
	image := birthsImage{Kind: birthsKindKIND_NONE}
	setCode(&image, p.Maps, p.Process.Exe)
	switch {
	case errors.Is(p.Unread(), program.Err32Bits):
	case p.Go != nil:
		image.Kind = birthsKindKIND_GO
		setGo(&image, p)
	case p.Process.Runtime == socket.Python && p.Unread() == nil:
		image.Kind = birthsKindKIND_PYTHON
		setPython(&image, p)
	case p.Process.Runtime == socket.Native || p.Process.Runtime == socket.Go:
		image.Kind = birthsKindKIND_NATIVE
	}
	return image
}

// setCode sets where instructions are mapped: of the executable, and of its
// libraries, which are mapped near each other.
func setCode(image *birthsImage, maps memory.Maps, exe string) {
	for i := range maps {
		m := &maps[i]
		if !m.Executable {
			continue
		}
		which := 1
		if m.Maps(exe) {
			which = 0
		}
		if image.CodeLow[which] == 0 {
			image.CodeLow[which] = m.Start
		}
		image.CodeHigh[which] = m.End
	}
}

// setGo sets what goroutines are found by that wait for others: net/http dials
// on one of its own, and net races two connections.
func setGo(image *birthsImage, p *program.Program) {
	o, known := p.Runtime.Offsets()
	if !known {
		image.Kind = birthsKindKIND_NATIVE // a copy, which is followed by the tables
		return
	}
	g := &image.Golang
	g.Status, g.Goid, g.Pc, g.Bp, g.Gopc = uint32(o.Status), uint32(o.ID), uint32(o.PC), uint32(o.BP), uint32(o.Creator)
	n := copy(g.Starts[:], p.Go.Entries(func(name string) bool {
		return strings.HasPrefix(name, "net/http.(*Transport).startDialConnForLocked.func") ||
			strings.HasPrefix(name, "net/http.(*Transport).startDialConnFor.func") ||
			strings.HasPrefix(name, "net/http.(*Transport).queueForDial.gowrap") ||
			name == "net/http.(*Transport).dialConnFor" ||
			strings.HasPrefix(name, "net.(*sysDialer).dialParallel.func") || strings.HasPrefix(name, "net.(*sysDialer).dialParallel.gowrap")
	}))
	if n > 0 {
		g.Allgs = p.Goroutines()
	}
}

func setPython(image *birthsImage, p *program.Program) {
	in := p.Python(p.Cached)
	o := in.Offsets()
	py := &image.Python
	py.Runtime = in.Address()
	py.Interpreters, py.InterpreterNext, py.Threads, py.ThreadNext = uint32(o.Interpreters), uint32(o.InterpreterNext), uint32(o.Threads), uint32(o.ThreadNext)
	py.Pthread, py.Cframe, py.Frame = uint32(o.Pthread), uint32(o.CFrame), uint32(o.Frame)
	py.Previous, py.Code, py.Instruction = uint32(o.Previous), uint32(o.Code), uint32(o.Instruction)
}
