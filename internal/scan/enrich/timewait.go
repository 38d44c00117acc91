//go:build linux

package enrich

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// timeWaitEvery is how often the looks of a poll dump TIME_WAIT, which costs
// half a microsecond for each and is there for a minute.
const timeWaitEvery = 5 * time.Second

// maxTimeWait bounds how many of them one dump takes in: as many as there are
// ports towards one destination.
const maxTimeWait = 1 << 16

// timeWaits is what the last dump of one network namespace has counted.
type timeWaits struct {
	at      time.Time
	counts  map[socket.Ownerless]int
	over    bool                    // there were more than maxTimeWait
	remotes map[netip.AddrPort]bool // destinations of this look and those before: few are connected to all the time
}

// timeWaits adds the numbers of connections in TIME_WAIT, and of those in
// FIN_WAIT2 that the kernel keeps like them, at the targets' places. Where it
// dumps them, it dumps orphans too, if they are asked for: both walk over the
// same table.
func (e *Enricher) timeWaits(ctx context.Context, ns netns.Namespace, b *source.Builder, at *places, counts map[socket.Ownerless]int, orphan func(*socket.Socket)) error {
	last := e.timeWait[ns.ID]
	if last == nil {
		last = &timeWaits{remotes: map[netip.AddrPort]bool{}}
		e.timeWait[ns.ID] = last
	}
	if len(last.remotes) > maxRemotes {
		clear(last.remotes)
	}
	maps.Copy(last.remotes, at.remotes)
	at.remotes = last.remotes
	if at.none() {
		return nil
	}
	if e.timeWaitDue(ns, b) {
		if err := e.dumpTimeWait(ctx, ns, at, last, orphan); err != nil {
			return err
		}
		last.at = b.Taken()
	}
	for key, n := range last.counts {
		counts[key] += n
	}
	if last.over {
		b.Gap(socket.Gap{Where: fmt.Sprintf("connections in TIME_WAIT beyond the first %d", maxTimeWait),
			Why: "to read them all would take long"})
	}
	return nil
}

// timeWaitDue reports whether this look dumps TIME_WAIT.
func (e *Enricher) timeWaitDue(ns netns.Namespace, b *source.Builder) bool {
	last := e.timeWait[ns.ID]
	if last == nil || last.counts == nil {
		return true
	}
	age := b.Taken().Sub(last.at)
	return age < 0 || age >= timeWaitEvery
}

// errEnough ends a dump.
var errEnough = errors.New("enough")

// dumpTimeWait counts on a connection of its own, which is closed when there
// are too many: the kernel would have to be read to the end on another.
func (e *Enricher) dumpTimeWait(ctx context.Context, ns netns.Namespace, at *places, into *timeWaits, orphan func(*socket.Socket)) error {
	conn, err := sockdiag.Enter(e.fs, ns)
	if err != nil {
		return nil // the text tables are not worth their cost for a note
	}
	defer conn.Close()
	into.counts, into.over = map[socket.Ownerless]int{}, false
	rows := 0
	states := socket.StateSet(socket.TimeWait, socket.FinWait2)
	if orphan != nil {
		states |= orphanStates
	}
	filter := at.filter(states)
	filter.Brief = orphan == nil
	err = conn.TCP(ctx, filter, func(s *socket.Socket) error {
		if orphanStates.Has(s.State) {
			orphan(s)
			return ctx.Err()
		}
		if rows++; rows > maxTimeWait {
			into.over = true
			return errEnough
		}
		if s.Inode == 0 && at.has(s) {
			into.counts[at.key(s)]++
		}
		return ctx.Err()
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
