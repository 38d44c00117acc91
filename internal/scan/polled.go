package scan

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

const (
	spinLoad   = 0.5 // of a core: a process below that does not spin
	mostPolls  = 60  // times that the sockets of a busy process are looked at again
	mostBusy   = 4   // processes
	pollPause  = time.Millisecond
	mostPolled = 256 // descriptors of such a process: with more a look takes too long
)

// polled finds the sockets that a busy loop asks for by poll(2) or select(2). A
// thread that never sleeps is in no system call that /proc would show; but while
// it is in one of these, the kernel's list of the socket's waiters has it. So the
// sockets that are at their end are looked at until that was seen.
func (s *Scanner) polled(ctx context.Context, snap *socket.Snapshot) error {
	busy := 0
	for i := range snap.Processes {
		p := &snap.Processes[i]
		if p.Load < spinLoad || !running(p) || p.FDs > mostPolled || s.chosen < 0 {
			continue
		}
		wanted := map[uint64]*socket.Socket{}
		for _, o := range snap.Sockets {
			if mayBePolled(o, p.ID) {
				wanted[o.Inode] = o
			}
		}
		if len(wanted) == 0 || busy == mostBusy {
			continue
		}
		busy++
		for n := 0; n < mostPolls && seePolled(snap.Sockets, wanted) && ctx.Err() == nil; n++ {
			again, err := s.again(ctx, p)
			if err != nil {
				return ctx.Err()
			}
			seePolled(again.Sockets, wanted)
			time.Sleep(pollPause)
		}
	}
	return ctx.Err()
}

// running reports whether a thread of the process ran when it was looked at.
func running(p *socket.Process) bool {
	for i := range p.Tasks {
		if p.Tasks[i].Running {
			return true
		}
	}
	return false
}

// mayBePolled reports whether the process alone has the socket, its end is
// there to be seen, and neither an epoll set nor a thread that sleeps has it.
func mayBePolled(s *socket.Socket, id socket.ProcessID) bool {
	if s.State != socket.CloseWait || s.Polled || !s.Has(socket.HasWatched|socket.HasEpolls) || len(s.Epolls) > 0 ||
		s.Watch == nil || len(s.Watch.Epolls)+len(s.Watch.Threads) > 0 {
		return false
	}
	for i := range s.Holders {
		if s.Holders[i].Process != id {
			return false
		}
	}
	return len(s.Holders) > 0
}

// seePolled takes those out of the wanted that have a waiter in a look, and
// reports whether any are left.
func seePolled(list []*socket.Socket, wanted map[uint64]*socket.Socket) bool {
	for _, o := range list {
		if w := wanted[o.Inode]; w != nil && w.Cookie == o.Cookie && o.Watched && len(o.Epolls) == 0 {
			w.Polled = true
			delete(wanted, o.Inode)
		}
	}
	return len(wanted) > 0
}

// again looks at the sockets of one process once more.
func (s *Scanner) again(ctx context.Context, p *socket.Process) (*socket.Snapshot, error) {
	snap := &socket.Snapshot{Taken: s.opts.Now(), Processes: []socket.Process{*p}}
	b := source.NewBuilder(snap, false, p.FDs)
	b.Attempt()
	_, err := s.sources[s.chosen].source.Collect(ctx, b)
	return snap, err
}
