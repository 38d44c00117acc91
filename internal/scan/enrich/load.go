//go:build linux

package enrich

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// loadSample is how long a process is watched: a poller that has nothing to
// do sleeps for longer.
const loadSample = 100 * time.Millisecond

// measureLoad watches how busy the processes are that hold a socket on which
// they may spin: at its end, and registered for input. For all others it
// costs nothing.
func (e *Enricher) measureLoad(ctx context.Context, snap *socket.Snapshot, now func() time.Time) error {
	before := map[*socket.Process]time.Duration{}
	for _, sock := range snap.Sockets {
		if sock.State != socket.CloseWait || sock.Watch == nil || len(sock.Watch.Epolls) == 0 {
			continue
		}
		for i := range sock.Holders {
			p := snap.Process(sock.Holders[i].Process)
			if p == nil || sock.Watch.Epolls[0].EdgeTriggered() {
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
			p.Load = float64(busy-was) / float64(wall)
		}
	}
	return nil
}
