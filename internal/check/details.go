package check

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// details asks what only suspicious sockets are worth, with pauses ten times
// as long as that took: it costs a walk over threads and epoll sets.
type details struct {
	ask    func(context.Context, *socket.Snapshot) error // nil where nothing can be asked
	now    func() time.Time
	always bool // the verdict is near: no pauses any more
	next   time.Time
}

func (d *details) add(ctx context.Context, snap *socket.Snapshot) {
	begin := d.now()
	if d.ask == nil || len(snap.Sockets) == 0 || !d.always && begin.Before(d.next) {
		return
	}
	_ = d.ask(ctx, snap) // it fails only when ctx is done; facts that are missing say so
	d.next = d.now().Add(10 * d.now().Sub(begin))
}
