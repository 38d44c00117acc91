package golang

import (
	"strconv"
	"strings"
)

// layout holds the offsets of the fields that are read, in bytes, for amd64
// and arm64 alike (runtime/runtime2.go, runtime/netpoll.go). They were taken
// from the DWARF of programs of each release, which a test asks again.
type layout struct {
	minor int // of Go 1.x: from this release on

	sp, pc, bp, status, goid, waitSince uint64 // of runtime.g
	gopc, startpc                       uint64
	rd, wd                              uint64 // of runtime.pollDesc
}

// pollSize and gSize are how much of runtime.pollDesc and runtime.g is read.
func (l layout) pollSize() uint64 { return l.wd + 8 }
func (l layout) gSize() uint64    { return l.startpc + 8 }

// procid is where runtime.m has the id of its thread: behind a pointer, a
// runtime.gobuf, which ends with bp, and a word.
func (l layout) procid() uint64 { return 8 + l.bp + 8 - l.sp + 8 }

// Offsets that all releases from 1.21 on share: the bounds of the stack in
// runtime.g and its runtime.m, and fields of runtime.pollDesc.
const (
	stackLow, stackHigh = 0, 8
	threadAt            = 48
	pollFD              = 8
	pollRG, pollWG      = 32, 40
)

// layouts are in falling order.
func layouts() []layout {
	return []layout{
		{minor: 26, sp: 56, pc: 64, bp: 96, status: 144, goid: 152, waitSince: 168, gopc: 288, startpc: 304, rd: 168, wd: 280},
		{minor: 25, sp: 56, pc: 64, bp: 96, status: 144, goid: 152, waitSince: 168, gopc: 280, startpc: 296, rd: 168, wd: 280},
		{minor: 24, sp: 56, pc: 64, bp: 104, status: 152, goid: 160, waitSince: 176, gopc: 288, startpc: 304, rd: 160, wd: 264},
		{minor: 23, sp: 56, pc: 64, bp: 104, status: 152, goid: 160, waitSince: 176, gopc: 288, startpc: 304, rd: 152, wd: 248},
		{minor: 21, sp: 56, pc: 64, bp: 104, status: 144, goid: 152, waitSince: 168, gopc: 280, startpc: 296, rd: 144, wd: 232},
	}
}

// layoutOf returns the layout of a release by its name, such as go1.26.8 or
// go1.25rc1. known is false for releases that are older or newer than those
// that were looked at: what is found by the newest layout may be true then,
// that nothing is found never proves anything.
func layoutOf(version string) (l layout, known bool) {
	const newest = 26
	list := layouts()
	minor, ok := minorOf(version)
	for _, l := range list {
		if ok && minor >= l.minor {
			return l, minor <= newest
		}
	}
	return list[0], false
}

// minorOf returns the 26 of go1.26.8.
func minorOf(version string) (int, bool) {
	rest, ok := strings.CutPrefix(version, "go1.")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	n, err := strconv.Atoi(rest[:end])
	return n, ok && err == nil
}

// Offsets are those of the fields of runtime.g by which a tracer finds out what
// goroutine waits for another. Before Creator is the id of the goroutine that
// executed the go statement, and 16 bytes behind it the function that was started.
type Offsets struct{ Status, ID, PC, BP, Creator uint64 }

// Offsets returns those of the program's release; known is false where that was
// not looked at.
func (r *Runtime) Offsets() (o Offsets, known bool) {
	l := &r.layout
	return Offsets{l.status, l.goid, l.pc, l.bp, l.gopc}, r.known
}
