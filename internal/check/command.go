package check

import (
	"context"
	"errors"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Command is a command to follow from its start to its end, and how to judge
// what its processes leave open.
type Command struct {
	// Alive returns the living processes of the command.
	Alive func() ([]socket.ProcessID, error)
	// Look looks at some of them. It returns ErrGone when all of these have
	// ended meanwhile.
	Look func(context.Context, []socket.ProcessID) (*socket.Snapshot, error)
	// Detail adds to a snapshot what only suspicious sockets are worth; nil
	// where nothing can.
	Detail func(context.Context, *socket.Snapshot) error
	// Peers adds what is at the other end of some of its sockets, which costs
	// little; nil where nothing can.
	Peers func(context.Context, *socket.Snapshot, []*socket.Socket) error
	Now   func() time.Time
	Done  <-chan struct{} // closed when the command's own process has ended
	// Endings are told of when they happen; nil where they cannot be seen.
	Endings <-chan Ending
	Root    socket.ProcessID // the command's own process
	Began   time.Time        // when it was started, or a little earlier

	Every    time.Duration                                      // longest pause between two looks at a process
	Settle   time.Duration                                      // how long to wait, at most, for what the command left running
	Settings leak.Settings                                      // of the rules
	Judge    func(*track.History, leak.Settings) []leak.Finding // usually leak.Judge
	Limits   Limits
	Inodes   map[uint64]bool // of the sockets that the command was given by its caller
	Say      func(string)    // told what is waited for once the command has ended; may be nil
	Cut      func() string   // what is ending the command, such as --timeout 50m; "" while nothing does
}

const (
	// firstPause is the time between two looks at a young process, and the time
	// within which a new one is discovered.
	firstPause = 50 * time.Millisecond
	// pauseShare makes the pauses grow with the age of the process: what it did
	// in its last hundredth is all that is not seen. Every is the limit.
	pauseShare = 100
	// restShare keeps costly looks, at many thousands of sockets, from taking more
	// than a fifth of one processor. On a busy machine looks take long for
	// another reason: longestRest is the limit then. A process that was never
	// seen does not wait.
	costly      = 100 * time.Millisecond
	restShare   = 4
	longestRest = 500 * time.Millisecond
	// tolerance is how late the last look at a process may be, on a machine that
	// is too busy for the pauses above, before nothing can be said of its end.
	// It is less in a life of which that would be more than half: see stale.
	tolerance = time.Second
)

// Follow looks at every process of a command from its birth to its end, and
// judges each by what it held when it ended. It fails when not a single look
// was possible for a reason other than that the command was too short; what
// else keeps it from a verdict is a gap of the result. When ctx is done it
// judges what it has seen so far.
func Follow(ctx context.Context, command Command) (*Result, error) {
	c := &course{Command: command, lives: map[socket.ProcessID]*life{}, details: details{ask: command.Detail, now: command.Now}}
	err := c.follow(ctx)
	if c.looked == 0 && err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	for _, l := range c.sorted() {
		l.running = true
		c.end(l)
	}
	return c.result(err), nil
}

// course is a command that is being followed.
type course struct {
	Command
	lives   map[socket.ProcessID]*life // of the processes that are alive
	ended   []*life                    // that held sockets, in the order of their ends
	others  []socket.Process           // that ended and held none
	hung    []socket.Process           // of these, those that had to be ended
	last    *socket.Snapshot           // the newest look
	looked  int                        // looks that succeeded
	missed  int                        // processes that ended before they could be looked at
	late    time.Duration              // how late a last look was, at most; 0 where all were in time
	broken  error                      // why a look failed
	rest    time.Time                  // no look before this time
	details details
}

// follow looks until the command and what it has left running have ended, or
// for as long as the plan allows.
func (c *course) follow(ctx context.Context) error {
	var over time.Time
	for {
		alive, err := c.Alive()
		if err != nil {
			return err
		}
		c.meet(ctx, alive)
		if !over.IsZero() {
			if c.over(c.Now().Sub(over)) {
				return nil
			}
			c.sayOnce("watching what the command left running, " + c.Settle.String() + " at most")
		}
		if err := c.look(ctx); err != nil {
			return err
		}
		done := c.Done
		if !over.IsZero() {
			done = nil
		}
		if ended, err := c.pause(ctx, done); err != nil {
			return err
		} else if ended {
			over = c.Now()
		}
	}
}

// sayOnce tells what is waited for.
func (c *course) sayOnce(text string) {
	if c.Say != nil {
		c.Say(text)
		c.Say = nil
	}
}

// pause waits until it is time to ask again who is alive, and looks meanwhile
// at those who are ending. It reports whether done was closed.
func (c *course) pause(ctx context.Context, done <-chan struct{}) (bool, error) {
	t := time.NewTimer(min(firstPause, c.Every))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-done:
			return true, nil
		case e := <-c.Endings:
			c.lastLook(ctx, e)
		case <-t.C:
			return false, nil
		}
	}
}

// meet notes who was born, and ends the lives of those that are gone: who is not
// alive any more has been told of before.
func (c *course) meet(ctx context.Context, alive []socket.ProcessID) {
	there := make(map[socket.ProcessID]bool, len(alive))
	for _, id := range alive {
		there[id] = true
		if c.lives[id] == nil {
			c.lives[id] = c.newLife(id)
		}
	}
	c.lastLooks(ctx)
	for _, l := range c.sorted() {
		if !there[l.id] {
			c.end(l)
		}
	}
}

// over reports whether there is nothing to wait for any more, so long after
// the end of the command: nobody is left, or those who are have had the time
// to open a socket and hold none.
func (c *course) over(since time.Duration) bool {
	if len(c.lives) == 0 || since >= c.Settle {
		return true
	}
	for _, l := range c.lives {
		if !l.seen() || len(l.newest().Sockets) > 0 {
			return false
		}
	}
	return since >= closing
}

// look looks at the processes whose time has come.
func (c *course) look(ctx context.Context) error {
	now := c.Now()
	var due []socket.ProcessID
	fresh := false
	for _, l := range c.sorted() {
		if !now.Before(l.due) && !l.closing {
			due = append(due, l.id)
			fresh = fresh || !l.seen()
		}
	}
	if len(due) == 0 || now.Before(c.rest) && !fresh {
		return nil
	}
	snap, err := c.sample(ctx, due)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrGone):
		return nil
	case err != nil && c.looked == 0:
		return err
	case err != nil:
		c.broken = err
		return nil
	}
	c.details.add(ctx, snap)
	c.askPeers(ctx, snap, c.unasked)
	if took := c.Now().Sub(now); took > costly {
		c.rest = c.Now().Add(min(restShare*took, longestRest))
	}
	c.add(snap, due)
	return ctx.Err()
}

// sample takes one look. Processes that stand still for whoever tells of their
// endings are running by themselves.
func (c *course) sample(ctx context.Context, list []socket.ProcessID) (*socket.Snapshot, error) {
	snap, err := c.Look(ctx, list)
	if err != nil {
		return nil, err
	}
	c.looked++
	for i := range snap.Processes {
		if p := &snap.Processes[i]; c.Endings != nil && p.Target && p.RunState == 't' {
			p.RunState = 'R'
		}
	}
	return snap, nil
}

// add gives each process that was looked at its part of the look.
func (c *course) add(snap *socket.Snapshot, due []socket.ProcessID) {
	c.last = snap
	for _, id := range due {
		l := c.lives[id]
		p := snap.Process(id)
		if p == nil {
			continue // it has just ended
		}
		if l.executed(p) {
			again := l.again()
			c.keep(l)
			c.lives[id], l = again, again
		}
		if !l.seen() {
			l.given = c.givenTo(l, snap)
		}
		l.add(viewOf(snap, p))
		l.ending, l.empty, l.asked = false, false, c.Now()
		if c.Cut == nil || c.Cut() == "" {
			l.uncut = l.newest()
		}
		age := snap.Taken.Sub(l.born)
		l.pause = min(max(age/pauseShare, firstPause), c.Every)
		l.due = c.Now().Add(l.pause)
	}
}

// givenTo returns the sockets that a process had at its first look from
// another one of the command, or from the caller.
func (c *course) givenTo(l *life, snap *socket.Snapshot) map[socket.ID]bool {
	given := map[socket.ID]bool{}
	for _, s := range snap.Sockets {
		if s.HeldBy(l.id) && (c.Inodes[s.Inode] || c.heldByAnother(s, l)) {
			given[s.ID()] = true
		}
	}
	return given
}

func (c *course) heldByAnother(s *socket.Socket, l *life) bool {
	for _, h := range s.Holders {
		if h.Process != l.id {
			return true
		}
	}
	for _, other := range c.lives {
		if other != l && other.seen() && other.holds[s.ID()] {
			return true
		}
	}
	return false
}

// end closes the book of a process.
func (c *course) end(l *life) {
	delete(c.lives, l.id)
	if c.Cut != nil {
		l.cut = c.Cut()
	}
	if !l.ending {
		c.missedEnd(l)
	}
	if l.late > tolerance || l.behind > stale && 2*l.behind > c.Now().Sub(l.began()) {
		c.late = max(c.late, l.behind)
	}
	if !l.seen() {
		if !l.ending {
			c.missed++
		}
		return
	}
	c.keep(l)
}

// missedEnd measures how much of the end of a process was not seen.
func (c *course) missedEnd(l *life) {
	if !l.running {
		l.late = c.Now().Sub(l.due)
	}
	l.behind = l.late
	if l.seen() {
		l.unseen = c.Now().Sub(l.newest().Taken)
		if !l.running {
			l.behind = l.unseen - l.pause
		}
	}
}

// keep keeps a life that has something to tell.
func (c *course) keep(l *life) {
	l.finish()
	if len(l.last.Sockets) == 0 && len(l.history.Now().Sockets) == 0 && !l.last.Blind() && c.Limits.FDGrowth < 0 {
		if l.cut != "" {
			c.hung = append(c.hung, l.process)
		}
		c.others = append(c.others, l.process)
		return
	}
	l.judge(c.Judge, c.Settings)
	c.ended = append(c.ended, l)
}

// sorted returns the living processes by pid, so that the same looks give the
// same report.
func (c *course) sorted() []*life {
	return sortedLives(c.lives)
}
