package scan

import (
	"context"
	"errors"
	"io/fs"
	"sync/atomic"

	"github.com/sockleak/sockleak/internal/socket"
)

// Detail adds to a snapshot what only suspicious sockets are worth: who waits
// for them, what is at the other end, and the flags of shared descriptors.
// It is meant for the last look before judging. What may not be read stays
// unknown, which the facts themselves say.
func (s *Scanner) Detail(ctx context.Context, snap *socket.Snapshot) error {
	found := suspects(snap)
	lists := found.lists
	if err := s.watchAll(ctx, snap, lists); err != nil {
		return err
	}
	if err := s.measureLoad(ctx, snap); err != nil {
		return err
	}
	if err := s.sys.peers(ctx, snap, &found.worth); err != nil {
		return err
	}
	for i := range lists {
		if lists[i].shared {
			s.sys.flags(lists[i].sockets)
		}
	}
	return nil
}

// watchAll notes who waits for the suspicious sockets of each process.
// Processes that share none are looked at side by side, then the others.
func (s *Scanner) watchAll(ctx context.Context, snap *socket.Snapshot, lists []suspectList) error {
	var unread atomic.Int32
	one := func(i int) {
		p, list := &snap.Processes[i], lists[i].sockets
		if p.Runtime == socket.RuntimeUnknown {
			p.Runtime = s.sys.proc.Runtime(p)
		}
		if err := s.sys.watch(p, list); errors.Is(err, fs.ErrPermission) && p.Target {
			unread.Add(1)
		}
	}
	parallel(len(lists), func(i int) {
		if len(lists[i].sockets) > 0 && !lists[i].shared && ctx.Err() == nil {
			one(i)
			doubtEmpty(lists[i].sockets)
		}
	})
	for i := range lists {
		if lists[i].shared && ctx.Err() == nil {
			one(i)
		}
	}
	for i := range lists {
		if lists[i].shared { // all of its holders have been asked
			doubtEmpty(lists[i].sockets)
		}
	}
	if n := int(unread.Load()); n > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "what threads wait for", Why: "permission denied", Count: n,
			Hint: "it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or the same user; sockleak doctor says how"})
	}
	return ctx.Err()
}

// flags reads the descriptor flags of sockets that several processes hold.
func (sys *system) flags(list []*socket.Socket) {
	for _, s := range list {
		if len(s.Holders) < 2 {
			continue
		}
		for i := range s.Holders {
			h := &s.Holders[i]
			if h.FlagsKnown {
				continue
			}
			if cloexec, err := sys.proc.FDFlags(h.Process.PID, h.FD, s.Inode); err == nil {
				h.Inheritable, h.FlagsKnown = !cloexec, true
			}
		}
	}
}
