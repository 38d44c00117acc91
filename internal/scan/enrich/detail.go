//go:build linux

package enrich

import (
	"context"
	"errors"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/sockleak/sockleak/internal/parallel"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// Detail finds out what is asked about sockets of the snapshot, and adds it to
// them: who waits for them, what is at their other end, who else holds them. It
// is meant for the last look before judging; without questions it asks about all
// suspicious sockets, those first that one side has closed. What may not be read
// stays unknown, which the facts themselves say; what is left out because it
// would cost too much is a gap. The waits are those of that look, where its source
// has read them; now is the clock.
func (e *Enricher) Detail(ctx context.Context, snap *socket.Snapshot, ask *socket.Questions, waits source.Waits, now func() time.Time) error {
	budget, all := maxAskedPeerFDs, ask == nil
	if all {
		ask, budget = allQuestions(snap), maxPeerFDs
	} else {
		ask = unanswered(ask)
	}
	lists := byProcess(ask.Waiters, snap.Processes)
	if err := e.watchAll(ctx, snap, lists, waits, depthOf(all)); err != nil {
		return err
	}
	for _, s := range ask.Stacks {
		s.Watch = nil // asked again, of the same moment as its stack
	}
	if err := e.watchAll(ctx, snap, byProcess(ask.Stacks, snap.Processes), waits, objects); err != nil {
		return err
	}
	if err := e.lines(ctx, snap, ask.Lines, waits); err != nil {
		return err
	}
	if err := e.acceptors(ctx, snap, ask.Acceptors); err != nil {
		return err
	}
	e.runtimes(snap, ask)
	if err := e.measureLoad(ctx, snap, now); err != nil {
		return err
	}
	if err := e.peers(ctx, snap, ask.Peers); err != nil {
		return err
	}
	if err := e.holders(ctx, snap, ask, budget); err != nil {
		return err
	}
	for i := range lists {
		if lists[i].shared {
			e.flags(lists[i].sockets, 2)
		}
	}
	e.flags(ask.Holders[:min(len(ask.Holders), maxHolders)], 1)
	return nil
}

// depth says how much of a process is read to say who waits.
type depth uint8

const (
	calls   depth = iota // what its threads sleep in
	lines                // where in the program, out of its memory
	objects              // what its language thinks of the sockets as well
)

func depthOf(all bool) depth {
	if all {
		return objects
	}
	return calls
}

// lines adds to the sockets where in the program somebody waits for them.
func (e *Enricher) lines(ctx context.Context, snap *socket.Snapshot, list []*socket.Socket, waits source.Waits) error {
	if len(list) == 0 || e.opts.NoStacks {
		return nil
	}
	copies := make([]socket.Socket, len(list))
	asked := make([]*socket.Socket, len(list))
	for i, s := range list {
		copies[i] = *s
		copies[i].Watch = nil
		asked[i] = &copies[i]
	}
	if err := e.watchAll(ctx, snap, byProcess(asked, snap.Processes), waits, lines); err != nil {
		return err
	}
	for i, s := range list {
		w := copies[i].Watch
		switch {
		case w == nil || len(w.Waiters) == 0:
		case s.Watch == nil:
			s.Watch = &socket.Watch{Waiters: w.Waiters, Doubt: "nobody asked who else waits for it"}
		default:
			watch := *s.Watch // it may be shared
			watch.Waiters = w.Waiters
			s.Watch = &watch
		}
	}
	return nil
}

// unanswered returns the questions without those that an earlier call has
// answered.
func unanswered(ask *socket.Questions) *socket.Questions {
	return &socket.Questions{
		Peers:       those(ask.Peers, func(s *socket.Socket) bool { return s.Peer == nil && hasOtherEnd(s) }),
		PeerHolders: those(ask.PeerHolders, hasOtherEnd),
		Waiters:     those(ask.Waiters, func(s *socket.Socket) bool { return s.Watch == nil }),
		Stacks:      ask.Stacks,
		Lines:       ask.Lines,
		Acceptors:   ask.Acceptors,
		Holders:     those(ask.Holders, func(s *socket.Socket) bool { return s.Inode != 0 && !s.Has(socket.HasHolders) }),
	}
}

// runtimes finds out in which languages the holders of the asked sockets are
// written, for the advice.
func (e *Enricher) runtimes(snap *socket.Snapshot, ask *socket.Questions) {
	holds := map[socket.ProcessID]bool{}
	var last socket.ProcessID // neighbours are often of the same process
	for _, list := range [][]*socket.Socket{ask.Waiters, ask.Peers, ask.Holders} {
		for _, s := range list {
			for i := range s.Holders {
				if id := s.Holders[i].Process; id != last {
					holds[id], last = true, id
				}
			}
		}
	}
	for i := range snap.Processes { // who gave a socket to its child has to change
		if p := &snap.Processes[i]; holds[p.ID] {
			if parent := snap.ByPID(p.Parent); parent != nil {
				holds[parent.ID] = true
			}
		}
	}
	parallel.Do(len(snap.Processes), func(i int) {
		if p := &snap.Processes[i]; p.Runtime == socket.RuntimeUnknown && holds[p.ID] {
			p.Runtime = e.fs.Runtime(p)
		}
	})
}

// watchAll notes who waits for the sockets of each process. Processes that share
// none are looked at side by side, then the others.
func (e *Enricher) watchAll(ctx context.Context, snap *socket.Snapshot, lists []suspectList, waits source.Waits, deep depth) error {
	if e.opts.NoStacks {
		deep = calls
	}
	var unread atomic.Int32
	sets := setHolders(snap)
	one := func(i int) {
		p, list := &snap.Processes[i], lists[i].sockets
		if err := e.watch(p, list, waits, sets, deep); errors.Is(err, fs.ErrPermission) && p.Target {
			unread.Add(1)
		}
	}
	parallel.Do(len(lists), func(i int) {
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
		addGap(snap, socket.Gap{Where: "what threads wait for", Why: "permission denied", Count: n,
			Hint: "it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or the same user; sockleak doctor says how"})
	}
	return ctx.Err()
}

// flags reads the descriptor flags of the sockets that have at least so many
// holders.
func (e *Enricher) flags(list []*socket.Socket, least int) {
	for _, s := range list {
		if len(s.Holders) < least {
			continue
		}
		for i := range s.Holders {
			h := &s.Holders[i]
			if h.FlagsKnown {
				continue
			}
			if cloexec, err := e.fs.FDFlags(h.Process.PID, h.FD, s.Inode); err == nil {
				h.Inheritable, h.FlagsKnown = !cloexec, true
			}
		}
	}
}
