//go:build linux

package proc

import (
	"bytes"
	"strconv"
	"time"
)

// ticksPerSecond is USER_HZ, the unit of clock ticks that the kernel shows to
// programs (include/uapi/asm-generic/param.h). It is 100 on every
// architecture that Go supports.
const ticksPerSecond = 100

// Flags of a task, PF_* of include/linux/sched.h.
const (
	pfExiting = 0x00000004 // it loses its memory and descriptors before it is a zombie
	pfKThread = 0x00200000
)

// Stat is the part of /proc/PID/stat that sockleak needs. Its numbers are in
// the units of proc_pid_stat(5).
type Stat struct {
	Comm    string // up to 15 bytes, untrusted
	State   byte   // R, S, D, Z and others
	Parent  int
	Flags   uint64 // PF_* of include/linux/sched.h
	CPU     time.Duration
	Threads int    // those that have ended and were not yet reaped included
	Start   uint64 // clock ticks after boot
}

// Zombie reports whether the thread leader has ended, or is about to. The
// process lives on when other threads do.
func (s Stat) Zombie() bool {
	return s.State == 'Z' || s.State == 'X' || s.Flags&pfExiting != 0
}

// Ended reports whether the whole process has ended, or is about to, and waits
// for its parent to reap it: it has no descriptors any more.
func (s Stat) Ended() bool { return s.Zombie() && s.Threads <= 1 }

// KernelThread reports whether it is a thread of the kernel itself, which has
// no descriptors.
func (s Stat) KernelThread() bool { return s.Flags&pfKThread != 0 }

// Stat reads /proc/PID/stat. It needs no privilege.
func (fs FS) Stat(pid int) (Stat, error) {
	path := fs.path(pid, "stat")
	var buf [1024]byte
	data, err := readPath(path, buf[:])
	if err != nil {
		return Stat{}, fs.explain(pid, err)
	}
	stat, why := parseStat(data)
	if why != "" {
		return Stat{}, &ParseError{Path: path, Line: 1, Why: why}
	}
	return stat, nil
}

// Start returns the process's start time in clock ticks after boot, the part
// of its identity that tells it from a later process with the same pid. It
// reads /proc/PID/stat and needs no privilege.
func (fs FS) Start(pid int) (uint64, error) {
	stat, err := fs.Stat(pid)
	return stat.Start, err
}

// parseStat parses the one line of a stat file. The command name stands in
// parentheses and may itself hold any byte, so the last ")" ends it.
func parseStat(data []byte) (stat Stat, why string) {
	lparen, rparen := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if lparen < 0 || rparen < lparen {
		return Stat{}, "no command name in parentheses"
	}
	// Fields are numbered as in proc_pid_stat(5), where the state is field 3.
	var fields [23][]byte
	n := 3
	for field := range bytes.FieldsSeq(data[rparen+1:]) {
		if n == len(fields) {
			break
		}
		fields[n] = field
		n++
	}
	if n < len(fields) {
		return Stat{}, "too few fields"
	}
	if len(fields[3]) != 1 || !isLetter(fields[3][0]) {
		return Stat{}, "state is not a letter"
	}
	bad := false
	number := func(i int) uint64 {
		v, err := strconv.ParseUint(string(fields[i]), 10, 64)
		bad = bad || err != nil
		return v
	}
	stat = Stat{
		Comm:    string(data[lparen+1 : rparen]),
		State:   fields[3][0],
		Parent:  int(number(4)),
		Flags:   number(9),
		CPU:     ticks(number(14)) + ticks(number(15)),
		Threads: int(number(20)),
		Start:   number(22),
	}
	if bad {
		return Stat{}, "field is not a number"
	}
	return stat, ""
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// ticks turns clock ticks into a duration, of at most half of what a duration
// holds: two of them can be added.
func ticks(n uint64) time.Duration {
	const most = uint64(1<<62-1) / (uint64(time.Second) / ticksPerSecond)
	return time.Duration(min(n, most)) * (time.Second / ticksPerSecond)
}
