package check

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// details asks what only suspicious sockets are worth, with pauses ten times
// as long as that took: it costs a walk over threads and epoll sets. On a busy
// machine it takes long for another reason: see longestWait.
type details struct {
	ask    func(context.Context, *socket.Snapshot) error // nil where nothing can be asked
	now    func() time.Time
	always bool // the verdict is near: no pauses any more
	next   time.Time
}

// longestWait: a process of two seconds must be asked about more than once. A
// walk that costs more than a fifth of that waits longer all the same.
const longestWait = time.Second

func (d *details) add(ctx context.Context, snap *socket.Snapshot) {
	begin := d.now()
	if d.ask == nil || len(snap.Sockets) == 0 || !d.always && begin.Before(d.next) {
		return
	}
	_ = d.ask(ctx, snap) // it fails only when ctx is done; facts that are missing say so
	took := d.now().Sub(begin)
	d.next = d.now().Add(min(10*took, max(longestWait, restShare*took)))
}
