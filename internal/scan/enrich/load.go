//go:build linux

package enrich

import (
	"context"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// loadSample is how long a process is watched: a poller that has nothing to
// do sleeps for longer.
const loadSample = 100 * time.Millisecond

// measureLoad watches how busy the processes are that hold a socket on which
// they may spin: at its end, and registered for input, or not registered while
// a thread runs, which may poll(2) it; and those that run while clients wait in
// their accept queue. For all others it costs nothing.
func (e *Enricher) measureLoad(ctx context.Context, snap *socket.Snapshot, now func() time.Time) error {
	before := map[*socket.Process]time.Duration{}
	late := keptWaiting(snap)
	for _, sock := range snap.Sockets {
		if sock.Watch == nil || sock.State != socket.CloseWait && !late[sock.Inode] {
			continue
		}
		for i := range sock.Holders {
			p := snap.Process(sock.Holders[i].Process)
			if p == nil || !mayBeBusy(sock, p) {
				continue
			}
			if _, seen := before[p]; seen {
				continue
			}
			if busy, err := e.fs.Busy(p.ID.PID); err == nil {
				before[p] = busy
			}
		}
	}
	if len(before) == 0 {
		return nil
	}
	begin := now()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(loadSample):
	}
	wall := now().Sub(begin)
	for p, was := range before {
		if busy, err := e.fs.Busy(p.ID.PID); err == nil && wall > 0 {
			p.Load = max(p.Load, float64(busy-was)/float64(wall)) // it may have been measured before
		}
	}
	return nil
}

// longWait is from when on a client in an accept queue tells that nobody
// accepts: between two looks of a server at work it is a moment.
const longWait = time.Second

// keptWaiting returns the inodes of the listeners at which clients wait.
func keptWaiting(snap *socket.Snapshot) map[uint64]bool {
	late := map[uint64]bool{}
	for _, s := range snap.Sockets {
		if s.Listener != 0 && (!s.Has(socket.HasTCPInfo) || s.TCP.LastAckRecv >= longWait) {
			late[s.Listener] = true
		}
	}
	return late
}

// mayBeBusy reports whether a process may spin on the socket, or be too busy to
// accept on it.
func mayBeBusy(s *socket.Socket, p *socket.Process) bool {
	if s.State == socket.CloseWait && len(s.Watch.Epolls) > 0 {
		return !s.Watch.Epolls[0].EdgeTriggered()
	}
	return slices.ContainsFunc(p.Tasks, func(t socket.Task) bool { return t.Running })
}
