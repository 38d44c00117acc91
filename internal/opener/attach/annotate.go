//go:build linux && amd64

package attach

import (
	"errors"
	"fmt"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// births reads all births out of the kernel.
func (t *Tracer) births() (all []birthsBirth, err error) {
	var cursor ebpf.MapBatchCursor
	keys, values := make([]uint64, 4096), make([]birthsBirth, 4096)
	for {
		n, err := t.kernel.maps.Births.BatchLookup(&cursor, keys, values, nil)
		all = append(all, values[:n]...)
		if errors.Is(err, ebpf.ErrKeyNotExist) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("read the trace: %w", err)
		}
	}
}

// annotate fills Origin and Life of the sockets, and says what is not known.
func (t *Tracer) annotate(snap *socket.Snapshot, births []birthsBirth) {
	t.mu.Lock()
	defer t.mu.Unlock()
	byInode := map[uint64]*birthsBirth{}
	for i := range births {
		byInode[births[i].Inode] = &births[i]
	}
	clock := bootTime()
	before := 0
	for _, s := range snap.Sockets {
		b := byInode[s.Inode]
		switch {
		case len(s.Holders) == 0:
		case b == nil || b.Cookie != 0 && s.Cookie != 0 && b.Cookie != s.Cookie && s.Protocol != socket.MPTCP:
			before++
		default:
			s.Origin, s.Life = t.origin(b, snap, clock), t.life(b, s, snap, clock)
		}
	}
	if before > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{
			Where: "who opened sockets", Why: t.unseen(), Count: before,
			Hint: "only what is opened during the trace is known: start it before the program, or wait for the next leak",
		})
	}
	if n := t.skipped(); n > 0 && before > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "who opened sockets", Why: "the kernel skipped the trace, which was busy on the same processor", Count: int(min(n, 1<<31))})
	}
	if n := t.count(birthsCountMAP_FULL); n > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "who opened sockets", Why: "more sockets are open than the trace keeps", Count: int(min(n, 1<<31))})
	}
}

// skipped returns how often the kernel did not run a program, since it was
// interrupted on the same processor by what it would have had to see.
func (t *Tracer) skipped() (n uint64) {
	for _, p := range t.kernel.programs {
		if stats, err := p.Stats(); err == nil { // 0 says nothing
			n += stats.RecursionMisses
		}
	}
	return n
}

// unseen says why the opener of a socket is not known.
func (t *Tracer) unseen() string {
	if t.kernel.trampolines {
		return "they were opened before the trace"
	}
	return "they were opened before the trace, or came over a UNIX socket or io_uring"
}

func (t *Tracer) count(what birthsCount) (n uint64) {
	_ = t.kernel.maps.Counts.Lookup(what, &n) // 0 says nothing
	return n
}

func (t *Tracer) origin(b *birthsBirth, snap *socket.Snapshot, clock time.Time) *socket.Origin {
	o := &socket.Origin{
		At: at(b.At, clock), Ticks: b.At / uint64(time.Second/userHZ), Thread: int(b.Tid), Name: text(b.Name[:]), Call: callName(b.Call),
		Process: processOf(b.Tgid, b.Started, at(b.At, clock), snap),
	}
	stack, ok := t.named[b.Stack]
	switch {
	case ok:
		o.Frames, o.Start, o.Doubt = stack.Frames, stack.Start, stack.Doubt
	case b.Stack == 0:
		_, o.Doubt = t.stacks.Program(int(b.Tgid), b.Image)
		if o.Doubt == "" {
			o.Doubt = "stacks of this runtime cannot be read from outside"
		}
	default:
		o.Doubt = "more stacks came at once than there was room for"
	}
	return o
}

func (t *Tracer) life(b *birthsBirth, s *socket.Socket, snap *socket.Snapshot, clock time.Time) *socket.Life {
	l := &socket.Life{Whole: madeBy(b.Call)}
	if since := at(b.State, clock); b.State != 0 && (b.Now == 0 || socket.State(b.Now) == s.State) && !since.After(snap.Taken) {
		l.StateSince, l.Before = since, socket.State(b.Before)
	}
	if t.kernel.data {
		l.Data = &socket.DataLife{Answers: b.Answers, Takings: b.Takings, Inward: b.Last == inward}
		if b.Moved != 0 {
			l.Data.Last = at(b.Moved, clock)
		}
	}
	if b.Left != 0 {
		l.Left = &socket.Leaving{Process: processOf(b.Left, b.LeftStarted, at(b.LeftAt, clock), snap), At: at(b.LeftAt, clock)}
	}
	return l
}

const inward = 2 // IN in births.bpf.c

// processOf is a process that was there at a time, by when the kernel says that
// it began.
func processOf(tgid uint32, started uint64, then time.Time, snap *socket.Snapshot) socket.ProcessID {
	if p := snap.ByPID(int(tgid)); p != nil && !p.StartedAfter(then) {
		return p.ID
	}
	return socket.ProcessID{PID: int(tgid), Start: started / uint64(time.Second/userHZ)}
}

// userHZ is the unit of /proc/PID/stat's times: a hundredth of a second on all
// architectures that we know.
const userHZ = 100

// bootTime is when the clock of the births was zero.
func bootTime() time.Time {
	var since, now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &since) // never fails
	_ = unix.ClockGettime(unix.CLOCK_REALTIME, &now)
	return time.Unix(0, now.Nano()-since.Nano())
}

func at(ns uint64, boot time.Time) time.Time {
	return boot.Add(time.Duration(ns)).Truncate(time.Microsecond)
}

// text is a C string.
func text(name []int8) string {
	var b []byte
	for _, c := range name {
		if c == 0 {
			break
		}
		b = append(b, byte(c))
	}
	return string(b)
}

// tidy takes births out of the kernel whose sockets are gone, where the kernel
// did not tell: of targets whose sockets are all in the snapshot, and of
// processes that have ended. Stacks that none has any more go too.
func (t *Tracer) tidy(snap *socket.Snapshot, births []birthsBirth) {
	held := map[uint64]bool{}
	for _, s := range snap.Sockets {
		held[s.Inode] = true
	}
	used := map[uint64]bool{}
	for i := range births {
		b := &births[i]
		switch p := snap.ByPID(int(b.Tgid)); {
		case held[b.Inode] || at(b.At, bootTime()).After(snap.Taken):
			used[b.Stack] = true
		case p == nil && t.traces(b.Tgid) || p != nil && !p.Target:
			used[b.Stack] = true
		default:
			_ = t.kernel.maps.Births.Delete(b.Sock) // it may be gone already
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key := range t.named {
		if !used[key] && len(t.named) > mostNamed/4 {
			_ = t.kernel.maps.Sent.Delete(key)
			delete(t.named, key)
		}
	}
}

func (t *Tracer) traces(tgid uint32) bool {
	var image uint64
	return t.kernel.maps.Targets.Lookup(tgid, &image) == nil
}
