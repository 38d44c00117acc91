package scan

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/sockleak/sockleak/internal/socket"
)

// Detail adds to a snapshot what only suspicious sockets are worth: who waits
// for them, what is at the other end, and the flags of shared descriptors.
// It is meant for the last look before judging. What may not be read stays
// unknown, which the facts themselves say.
func (s *Scanner) Detail(ctx context.Context, snap *socket.Snapshot) error {
	lists := suspects(snap)
	if err := s.watchAll(ctx, snap, lists); err != nil {
		return err
	}
	if err := s.measureLoad(ctx, snap); err != nil {
		return err
	}
	if err := s.sys.peers(ctx, snap); err != nil {
		return err
	}
	for i := range lists {
		if lists[i].shared {
			s.sys.flags(lists[i].sockets)
		}
	}
	return nil
}

// suspectList is the suspicious sockets of one process.
type suspectList struct {
	sockets []*socket.Socket
	shared  bool // some have several descriptors
	room    int  // how many there can be
}

// suspects returns the suspicious sockets of each of the snapshot's processes.
func suspects(snap *socket.Snapshot) []suspectList {
	lists := make([]suspectList, len(snap.Processes))
	at := map[socket.ProcessID]int{}
	for i := range snap.Processes {
		at[snap.Processes[i].ID], lists[i].room = i, max(snap.Processes[i].SocketFDs, 1)
	}
	var last socket.ProcessID // neighbours are often of the same process
	var list *suspectList
	for _, sock := range snap.Sockets {
		if !suspicious(sock) {
			continue
		}
		for i := range sock.Holders {
			if id := sock.Holders[i].Process; list == nil || id != last {
				n, ok := at[id]
				if !ok {
					continue
				}
				last, list = id, &lists[n]
			}
			if n := len(list.sockets); n == 0 || list.sockets[n-1] != sock { // else a duplicate in the same process
				list.add(sock)
			}
			list.shared = list.shared || len(sock.Holders) > 1
		}
	}
	return lists
}

func (l *suspectList) add(s *socket.Socket) {
	if l.sockets == nil {
		l.sockets = make([]*socket.Socket, 0, l.room)
	}
	l.sockets = append(l.sockets, s)
}

// watchAll notes who waits for the suspicious sockets of each process.
// Processes that share none are looked at side by side, then the others.
func (s *Scanner) watchAll(ctx context.Context, snap *socket.Snapshot, lists []suspectList) error {
	var next, unread atomic.Int32
	one := func(i int) {
		p, list := &snap.Processes[i], lists[i].sockets
		if p.Runtime == socket.RuntimeUnknown {
			p.Runtime = s.sys.proc.Runtime(p)
		}
		if err := s.sys.watch(p, list); errors.Is(err, fs.ErrPermission) && p.Target {
			unread.Add(1)
		}
	}
	run := func() {
		for i := int(next.Add(1)) - 1; i < len(lists) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
			if len(lists[i].sockets) > 0 && !lists[i].shared {
				one(i)
			}
		}
	}
	var others sync.WaitGroup
	for n := 1; n < min(runtime.GOMAXPROCS(0), len(lists)); n++ {
		others.Go(run)
	}
	run()
	others.Wait()
	for i := range lists {
		if lists[i].shared && ctx.Err() == nil {
			one(i)
		}
	}
	for i := range lists {
		doubtEmpty(lists[i].sockets)
	}
	if n := int(unread.Load()); n > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "what threads wait for", Why: "permission denied", Count: n,
			Hint: "it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or the same user; sockleak doctor says how"})
	}
	return ctx.Err()
}

// suspicious reports whether a socket is in a state that may need an
// explanation. All that is healthy and common must be left out: what follows
// costs a walk over the process's threads and epoll sets.
func suspicious(s *socket.Socket) bool {
	switch s.State {
	case socket.CloseWait, socket.FinWait2, socket.SynSent, socket.Listen:
		return len(s.Holders) > 0
	case socket.Established:
		return len(s.Holders) > 0 && (s.IsTCP() || s.Family == socket.Unix)
	}
	return false
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
