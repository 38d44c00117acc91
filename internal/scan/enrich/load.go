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
// a thread runs, which may poll(2) it. For all others it costs nothing.
func (e *Enricher) measureLoad(ctx context.Context, snap *socket.Snapshot, now func() time.Time) error {
	before := map[*socket.Process]time.Duration{}
	for _, sock := range snap.Sockets {
		if sock.State != socket.CloseWait || sock.Watch == nil {
			continue
		}
		for i := range sock.Holders {
			p := snap.Process(sock.Holders[i].Process)
			if p == nil || !maySpin(sock.Watch, p) {
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

// maySpin reports whether the socket may wake the process again and again.
func maySpin(w *socket.Watch, p *socket.Process) bool {
	if len(w.Epolls) > 0 {
		return !w.Epolls[0].EdgeTriggered()
	}
	return slices.ContainsFunc(p.Tasks, func(t socket.Task) bool { return t.Running })
}
