package golang

import (
	"encoding/binary"
	"io"

	"github.com/sockleak/sockleak/internal/memory"
)

// Runtime reads what the scheduler and the network poller of a Go program
// know.
type Runtime struct {
	table  *Table
	mem    memory.Words
	layout layout
	known  bool
	form   int       // of the event data that was met: which of pointers it is
	buf    [512]byte // of what is read last: there may be 10,000 goroutines
}

// read reads a structure; it is valid until the next one is read.
func (r *Runtime) read(mem memory.Words, addr, n uint64) ([]byte, bool) {
	if n > uint64(len(r.buf)) {
		return nil, false
	}
	_, err := mem.ReadAt(r.buf[:n], int64(addr))
	return r.buf[:n], err == nil
}

// NewRuntime returns the reader for a release of Go.
func NewRuntime(t *Table, version string, mem io.ReaderAt) *Runtime {
	l, known := layoutOf(version)
	return &Runtime{table: t, mem: memory.Words{ReaderAt: mem}, layout: l, known: known}
}

// Known reports whether the release is one whose layout is known, so that it
// means something when nobody is found to wait.
func (r *Runtime) Known() bool { return r.known }

// Poll is a runtime.pollDesc: how the runtime waits for one descriptor.
type Poll struct {
	addr uint64
	// Reader and Writer are the addresses of the goroutines that are parked;
	// 0 where none is.
	Reader, Writer uint64
	// Moving is true when a goroutine was about to be parked or to run on.
	Moving bool
	// ReadDeadline and WriteDeadline are times of CLOCK_MONOTONIC in
	// nanoseconds; 0 when none is set, negative when it has passed.
	ReadDeadline, WriteDeadline int64
}

// Values of rg and wg that are no goroutine (runtime/netpoll.go).
const (
	pdNil   = 0
	pdReady = 1
	pdWait  = 2
)

// Poll returns the pollDesc that the runtime has registered a descriptor with,
// by the event data in its epoll set. ok is false where the registration is
// not the runtime's.
func (r *Runtime) Poll(data uint64, fd int32) (p Poll, ok bool) {
	list := pointers(data)
	if p, ok = r.poll(r.mem, list[r.form], fd); ok {
		return p, true
	}
	for form, addr := range list {
		if form == r.form {
			continue
		}
		if p, ok = r.poll(r.mem, addr, fd); ok {
			r.form = form
			return p, true
		}
	}
	return Poll{}, false
}

// Address is where the pollDesc of a registration lies, if its event data is of the
// form that Poll has met.
func (r *Runtime) Address(data uint64) uint64 { return pointers(data)[r.form] }

// PollSize is how many bytes are read of a pollDesc.
func (r *Runtime) PollSize() uint64 { return r.layout.pollSize() }

// GoroutineSize is how many bytes are read of a goroutine.
func (r *Runtime) GoroutineSize() uint64 { return r.layout.gSize() }

// pointers are the addresses that the event data may stand for: until Go 1.20
// it was a plain pointer, since then it is one with a tag, whose place has
// moved (runtime/tagptr_64bit.go). amd64 extends the sign of addresses, arm64
// does not.
func pointers(data uint64) [5]uint64 {
	return [5]uint64{
		uint64(int64(data)>>24) << 9, data >> 24 << 9, // since 1.25
		uint64(int64(data)>>19) << 3, data >> 19 << 3, // since 1.21
		data,
	}
}

func (r *Runtime) poll(mem memory.Words, addr uint64, fd int32) (p Poll, ok bool) {
	if addr == 0 || addr%8 != 0 {
		return p, false
	}
	b, ok := r.read(mem, addr, r.layout.pollSize())
	if !ok {
		return p, false
	}
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	const closing = 56
	if word(pollFD) != uint64(fd) || fd < 0 || b[closing] != 0 {
		return p, false
	}
	p = Poll{
		addr: addr, Reader: word(pollRG), Writer: word(pollWG),
		ReadDeadline: int64(word(r.layout.rd)), WriteDeadline: int64(word(r.layout.wd)),
	}
	for _, g := range []*uint64{&p.Reader, &p.Writer} {
		switch *g {
		case pdNil, pdReady:
			*g = 0
		case pdWait:
			*g, p.Moving = 0, true
		}
		if *g%8 != 0 {
			return Poll{}, false
		}
	}
	return p, true
}

// Still reports whether the same goroutines are parked as when p was read, by
// memory that was read since.
func (r *Runtime) Still(mem io.ReaderAt, p Poll, fd int32) bool {
	now, ok := r.poll(memory.Words{ReaderAt: mem}, p.addr, fd)
	return ok && now.Reader == p.Reader && now.Writer == p.Writer && !now.Moving
}

// Goroutine is a runtime.g that is parked.
type Goroutine struct {
	ID uint64
	// WaitSince is a time of CLOCK_MONOTONIC in nanoseconds: it was parked
	// then already. The garbage collector notes it, so that it is 0 of one
	// that has been parked since the last collection only.
	WaitSince int64
	Stack     Stack
	Creator   uint64 // return address of the go statement

	ancestors uint64 // address of the slice of those
	thread    uint64 // address of the runtime.m it runs on, or 0
}

const (
	statusWaiting = 4      // _Gwaiting
	statusScan    = 0x1000 // _Gscan
)

// Goroutine reads a goroutine, which has to be parked.
func (r *Runtime) Goroutine(addr uint64) (g Goroutine, ok bool) {
	g, status, ok := r.goroutine(addr)
	ok = ok && status == statusWaiting && g.Stack.Low <= g.Stack.SP && g.Stack.SP < g.Stack.High
	return g, ok && r.table.nameAt(g.Stack.PC-1) == "runtime.gopark"
}

// Running reads a goroutine that is in a system call, by the stack pointer of
// its thread. Its Stack is not where it is.
func (r *Runtime) Running(addr, sp uint64) (g Goroutine, ok bool) {
	if addr == 0 || addr%8 != 0 {
		return g, false
	}
	g, _, ok = r.goroutine(addr)
	return g, ok && g.Stack.Low <= sp && sp < g.Stack.High
}

func (r *Runtime) goroutine(addr uint64) (g Goroutine, status uint32, ok bool) {
	b, ok := r.read(r.mem, addr, r.layout.gSize())
	if !ok {
		return g, 0, false
	}
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	l := r.layout
	g = Goroutine{
		ID: word(l.goid), WaitSince: int64(word(l.waitSince)), Creator: word(l.gopc), ancestors: word(l.gopc + 8), thread: word(threadAt),
		Stack: Stack{PC: word(l.pc), SP: word(l.sp), Low: word(stackLow), High: word(stackHigh)},
	}
	status = binary.LittleEndian.Uint32(b[l.status:]) &^ statusScan
	return g, status, g.ID != 0 && g.ID < 1<<48
}

// Call names what a goroutine waits in, from its stack: accept, connect, read
// or write, in the words of package net.
func (r *Runtime) Call(pcs []uint64, write bool) string {
	for _, pc := range pcs {
		for _, p := range r.table.at(pc - 1) {
			switch p.Function {
			case "internal/poll.(*FD).Accept":
				return "accept"
			case "net.(*netFD).connect":
				return "connect"
			}
		}
	}
	if write {
		return "write"
	}
	return "read"
}
