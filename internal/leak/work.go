package leak

import (
	"cmp"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Work is what is known of what a process is doing meanwhile: who waits for
// something else may be at work for a client that nobody waits for.
type Work struct {
	Known   bool // its threads could be read
	Threads int  // 0 when not known
	// Free is how many threads do not sleep on a descriptor: they run, wait for
	// a timer or a lock, or for the next task of an executor.
	Free int
	// Busy is how many of those are known to be at something: they run, or sleep
	// in a call that is neither a lock nor on a descriptor, such as a timer.
	Busy int
	// Events is true when it waits through an event loop: one thread may be at
	// work for many, and who is waited for says nothing of who is served.
	Events bool
	// Asked is how many of its own connections wait for an answer.
	Asked int
}

// WorkOf returns what is known of the work of a process.
func (c *Case) WorkOf(id socket.ProcessID) *Work {
	if c.work == nil {
		c.findWork()
	}
	if w := c.work[id]; w != nil {
		return w
	}
	return &Work{}
}

// findWork goes through the processes and their connections once.
func (c *Case) findWork() {
	c.work = make(map[socket.ProcessID]*Work, len(c.Now().Processes))
	for i := range c.Now().Processes {
		p := &c.Now().Processes[i]
		w := &Work{Known: p.Idle >= 0 && p.Threads > 0, Threads: p.Threads, Events: pooled(p.Runtime)}
		if w.Known {
			w.Free = max(p.Threads-p.Idle, 0)
		}
		for i := range p.Tasks {
			if t := &p.Tasks[i]; t.Running || t.Call != "" && t.Call != "futex" && len(t.FDs) == 0 && t.Doubt == "" {
				w.Busy++
			}
		}
		c.work[p.ID] = w
	}
	for _, s := range c.Now().Sockets {
		if s.Watch != nil && len(s.Watch.Epolls) > 0 || len(s.Epolls) > 0 {
			c.eachHolder(s, func(w *Work) { w.Events = true })
		}
		if s.State == socket.Established && c.Opened(s) && c.awaitsAnswer(s) {
			c.eachHolder(s, func(w *Work) { w.Asked++ })
		}
	}
}

func (c *Case) eachHolder(s *socket.Socket, do func(*Work)) {
	for i := range s.Holders {
		if w := c.work[s.Holders[i].Process]; w != nil {
			do(w)
		}
	}
}

// awaitsAnswer reports whether the program has asked on its own connection and
// the answer is outstanding, or a thread sleeps on it.
func (c *Case) awaitsAnswer(s *socket.Socket) bool {
	return c.Asks(s) == Yes || s.Watch != nil && len(s.Watch.Threads) > 0
}

// pooled reports whether a runtime keeps threads of its own, or runs many
// tasks on few threads: there a free thread says nothing.
func pooled(rt socket.Runtime) bool {
	switch rt {
	case socket.Go, socket.Java, socket.Node, socket.DotNet, socket.Erlang:
		return true
	}
	return false
}

// Served reports whether the program may still be at work for connections
// that nobody waits for: a synchronous server waits for its upstream
// meanwhile, an executor has them in its queue, an event loop registers only
// what somebody reads. n is how many like it the holders have.
//
// Who has answered is done after the proof period, or as soon as no thread is
// free; an event loop that pushes is given the time of a few samples. What has waited for five minutes is not served, whoever works.
func (c *Case) Served(g *Group, s *socket.Socket) Answer {
	left := c.Left(s)
	if left >= Patience {
		return No
	}
	n := c.alike(g, s)
	free, asked, events, known := c.workOfHolders(s)
	if c.AnswerDue(s) == No && !(tied(s) && s.Has(socket.HasTCPInfo) && received(s) && asked >= n) {
		if left < c.Settings.Proof && known && (free >= n && !events || events && c.TooFew() && !c.sawEnd(s)) {
			return Unknown
		}
		return No
	}
	switch {
	case c.AnswerDue(s) == Yes && (asked >= n || c.Busied(g, s) == Yes):
		return Yes
	case c.Accumulates(g) == Yes:
		return No
	case c.AnswerDue(s) == Yes && c.AllAsk(s): // it is served by one of them, or waits for its turn
		return Yes
	case known && !events && free == 0:
		return No
	case known && !events && EndRead(s) == Yes && left >= c.beyond(g, s, free):
		return No
	case left >= 2*c.Settings.Proof && n >= c.Settings.Several:
		return No
	}
	return Unknown
}

// sawEnd reports whether the handler of the connection itself has read its
// end. An event loop reads whatever comes; Go's poller reads nothing.
func (c *Case) sawEnd(s *socket.Socket) bool {
	p := c.Owner(s)
	return p != nil && p.Runtime == socket.Go && EndRead(s) == Yes
}

// TooFew reports whether there were too few looks to see whether such sockets are
// closed after a while.
func (c *Case) TooFew() bool { return len(c.Looks()) < MinLooks || c.Window() < c.minWindow() }

// AllAsk reports whether every thread of the first holder, but for one that
// accepts, waits for an answer of its own.
func (c *Case) AllAsk(s *socket.Socket) bool {
	w := c.WorkOf(s.Holders[0].Process)
	return w.Asked > 0 && w.Threads > 0 && w.Threads-w.Asked <= 1
}

// Busied reports whether the synchronous program that accepted a connection
// has a thread at something for each like it: CGI and worker processes serve
// what they hold.
func (c *Case) Busied(g *Group, s *socket.Socket) Answer {
	if g.Role != track.Accepted || len(s.Holders) == 0 || c.Left(s) >= Patience {
		return No
	}
	w := c.WorkOf(s.Holders[0].Process)
	if w.Events {
		return Unknown
	}
	return AnswerOf(w.Busy+w.Asked >= c.alike(g, s))
}

// FreeForEach reports whether the first holder has a thread that does not
// sleep on a descriptor for each connection like it.
func (c *Case) FreeForEach(g *Group, s *socket.Socket) bool {
	w := c.WorkOf(s.Holders[0].Process)
	return w.Known && w.Free >= c.alike(g, s)
}

// EndRead reports whether the program has read a connection that its peer has
// closed to its end: the kernel counts the FIN as one byte of the receive
// queue. Of an MPTCP socket the kernel tells memory, not bytes.
func EndRead(s *socket.Socket) Answer {
	if !s.Has(socket.HasQueues) {
		return Unknown
	}
	return AnswerOf(s.RecvQ == 0)
}

// beyond returns from which time left alone on there are more connections of
// a synchronous program than threads that may be at work for them: what was
// read to its end is in no queue, and a thread serves one.
func (c *Case) beyond(g *Group, s *socket.Socket, free int) time.Duration {
	id := s.Holders[0].Process
	ages, ok := g.ages[id]
	if !ok {
		for _, o := range g.All {
			if o.HeldBy(id) && EndRead(o) == Yes {
				ages = append(ages, c.Left(o))
			}
		}
		slices.SortFunc(ages, func(a, b time.Duration) int { return cmp.Compare(b, a) })
		if g.ages == nil {
			g.ages = map[socket.ProcessID][]time.Duration{}
		}
		g.ages[id] = ages
	}
	if n := len(ages) - free; n > 0 {
		return ages[n-1]
	}
	return Patience
}

// alike counts the sockets of the group that the first holder of s has.
func (c *Case) alike(g *Group, s *socket.Socket) int {
	if len(s.Holders) == 0 {
		return len(g.All)
	}
	return g.each()[s.Holders[0].Process]
}

// MostInOne returns how many sockets of the group that holder of s has which
// has most of them; 0 for a socket that nobody holds.
func (g *Group) MostInOne(s *socket.Socket) int {
	most := 0
	for i := range s.Holders {
		most = max(most, g.each()[s.Holders[i].Process])
	}
	return most
}

// each counts the sockets of the group by process.
func (g *Group) each() map[socket.ProcessID]int {
	if g.counts == nil {
		g.counts = map[socket.ProcessID]int{}
		for _, o := range g.All {
			for i := range o.Holders {
				if i == 0 || o.Holders[i].Process != o.Holders[i-1].Process {
					g.counts[o.Holders[i].Process]++
				}
			}
		}
	}
	return g.counts
}

// workOfHolders sums what is known of those who hold the socket.
func (c *Case) workOfHolders(s *socket.Socket) (free, asked int, events, known bool) {
	known = len(s.Holders) > 0
	for i := range s.Holders {
		w := c.WorkOf(s.Holders[i].Process)
		free, asked = free+w.Free, asked+w.Asked
		events, known = events || w.Events, known && w.Known
	}
	return free, asked, events, known
}

// Stopped reports whether the program cannot run: a signal or a debugger has
// stopped all processes that hold the socket, or they are frozen.
func (c *Case) Stopped(s *socket.Socket) Answer {
	holders := s.Holders
	if s.Listener != 0 {
		l := c.Listener(s)
		if l == nil {
			return Unknown
		}
		holders = l.Holders
	}
	if len(holders) == 0 {
		return No
	}
	for i := range holders {
		p := c.Now().Process(holders[i].Process)
		if p == nil || !p.Stopped() {
			return No
		}
	}
	return Yes
}
