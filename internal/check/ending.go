package check

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Ending is a process of the command that is about to end: its code has run for
// the last time, and its descriptors are still open.
type Ending struct {
	ID socket.ProcessID
	At time.Time // when it began
	// Closing is true where the interpreter has run the program to its end, and is
	// about to close what it has left open. Another Ending of the process follows.
	Closing bool
	// Release lets a process go on to its end that stands still until it was
	// looked at; nil where it holds no socket, and nothing needs to be looked at.
	Release func()
}

// lastLooks looks at all that are ending now.
func (c *course) lastLooks(ctx context.Context) {
	for {
		select {
		case e := <-c.Endings:
			c.lastLook(ctx, e)
		default:
			return
		}
	}
}

// lastLook looks at a process that is ending.
func (c *course) lastLook(ctx context.Context, e Ending) {
	l := c.lives[e.ID]
	if e.Release == nil {
		if l != nil && !l.closing {
			l.ending, l.empty, l.exited = true, true, e.At
		}
		return
	}
	defer e.Release()
	if l != nil && l.closing {
		return
	}
	if l != nil && l.asked.After(e.At) {
		l.forgetWatches() // its threads were gone when it was asked what they wait for
	}
	snap, err := c.sample(ctx, []socket.ProcessID{e.ID})
	if err != nil {
		return // it was killed meanwhile, or cannot be read: the looks before are all there is
	}
	c.askPeers(ctx, snap, halfClosedHere)
	if l == nil {
		c.lives[e.ID] = c.newLife(e.ID)
	}
	c.add(snap, []socket.ProcessID{e.ID})
	if l = c.lives[e.ID]; l.seen() && l.newest().Taken.Equal(snap.Taken) {
		l.ending, l.closing = true, e.Closing
	}
}

// askPeers asks what is at the other end of the sockets that are chosen.
func (c *course) askPeers(ctx context.Context, snap *socket.Snapshot, chosen func(*socket.Socket) bool) {
	if c.Peers == nil {
		return
	}
	var list []*socket.Socket
	for _, s := range snap.Sockets {
		if chosen(s) {
			list = append(list, s)
		}
	}
	if len(list) > 0 {
		_ = c.Peers(ctx, snap, list) // it fails only when ctx is done; facts that are missing say so
	}
}

func halfClosedHere(s *socket.Socket) bool { return s.State == socket.CloseWait && len(s.Holders) > 0 }

// unasked reports whether nothing is known of the other end of a connection that
// it has closed: a process may end before it is its turn to be asked about.
func (c *course) unasked(s *socket.Socket) bool {
	if !halfClosedHere(s) || s.Peer != nil {
		return false
	}
	for _, h := range s.Holders {
		if l := c.lives[h.Process]; l != nil && l.facts[s.ID()].peer != nil && l.facts[s.ID()].state == s.State {
			return false
		}
	}
	return true
}

// tick is the unit of a process's start (USER_HZ, include/uapi/asm-generic/param.h).
const tick = 10 * time.Millisecond

// newLife begins the book of a process. It was born as long after the command's
// own as the kernel has noted.
func (c *course) newLife(id socket.ProcessID) *life {
	l := newLife(id, c.Now())
	if id.Start >= c.Root.Start && !c.Began.IsZero() {
		l.earliest = c.Began.Add(time.Duration(id.Start-c.Root.Start) * tick)
	}
	return l
}
