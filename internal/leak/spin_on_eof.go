package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func spinOnEOF() Rule {
	return Rule{
		ID: "spin-on-eof", Title: "a busy loop on a connection whose end it does not see", Severity: Leak,
		Doc: Doc{
			Means: "The peer has closed, the socket is still in a level-triggered epoll set, and so every epoll_wait() " +
				"returns at once. The program burns a core and never closes.",
			Causes: "A loop that treats a read of 0 bytes like no data, or that stops reading on an error and leaves the " +
				"descriptor registered for input.",
			Evidence: "CLOSE_WAIT with recv-q 0 for at least the grace period (5 s), or with recv-q 1 for proof (30 s), a " +
				"tfd line with EPOLLIN and without EPOLLET in /proc/PID/fdinfo of the epoll descriptor, and at least " +
				"half a core used or waited for during 100 ms of the look (/proc/PID/task/TID/schedstat), or between " +
				"the last two looks.",
			BlindSpot: "A spin over poll(), select() or io_uring, whose arguments cannot be read; a spin that is less than " +
				"half a core.",
			LookAlike: "A busy process that also has connections in CLOSE_WAIT which it has taken out of its epoll set, or " +
				"whose descriptors are registered edge-triggered (Go, Netty's native transport): those do not fire " +
				"again.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "treat a read of 0 bytes as the end: epoll_ctl(EPOLL_CTL_DEL), then close(fd)",
			socket.Python:         "if not data: sel.unregister(sock); sock.close() - recv() that returns b'' is the end of the stream, not an empty message",
			socket.Java:           "if (channel.read(buf) == -1) { key.cancel(); channel.close(); } - a key that stays registered is ready for ever",
			socket.Ruby:           "when read_nonblock raises EOFError or returns nil: io.close, and take it out of IO.select's list",
			socket.Native:         "if (n == 0) { epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL); close(fd); } - also for EPOLLHUP, EPOLLRDHUP and EPOLLERR",
		},
		States: socket.StateSet(socket.CloseWait),
		Want:   (*Case).spunOn,
		Check:  checkSpin,
	}
}

// spinLoad is the share of a core from which on a process is said to spin.
const spinLoad = 0.5

func checkSpin(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		f := c.finding(g, Leak, fmt.Sprintf("spins on %s that %s closed", Plural(len(g.sockets), "socket"), g.where()))
		f.Evidence = append(f.Evidence,
			"in CLOSE_WAIT and still registered for input, level-triggered: the poller returns at once, every time",
			fmt.Sprintf("the process uses or waits for %.0f %% of a core", 100*c.load(c.Now().Process(g.process))))
		out = append(out, f)
	}
	return out
}

// unseenEnd reports whether the program has had the time to see the end of
// the stream, and has not acted on it. One that computes for a while leaves
// the FIN unread as well, and is given longer.
func (c *Case) unseenEnd(s *socket.Socket) bool {
	switch s.RecvQ {
	case 0:
		return c.past(s)
	case 1:
		return c.Age(s).AtLeast >= c.Settings.Proof
	}
	return false
}

func levelTriggered(s *socket.Socket) bool {
	if s.Watch == nil {
		return false
	}
	for _, e := range s.Watch.Epolls {
		if e.Events&socket.EpollIn != 0 && !e.EdgeTriggered() {
			return true
		}
	}
	return false
}

// load is the share of a core that the process uses: between the last two
// looks, else as it was measured during the look, else on average over its
// life.
func (c *Case) load(p *socket.Process) float64 {
	if p == nil {
		return 0
	}
	if load, ok := c.Process(p.ID).Load(); ok {
		return max(load, p.Load)
	}
	if p.Load >= 0 {
		return p.Load
	}
	if life := c.Now().Taken.Sub(p.Started); !p.Started.IsZero() && life > 0 {
		return float64(p.CPU) / float64(life)
	}
	return 0
}

// spunOn reports whether the socket is at its end, and makes its poller spin.
func (c *Case) spunOn(s *socket.Socket) bool {
	return s.State == socket.CloseWait && s.IsTCP() && c.unseenEnd(s) && levelTriggered(s) && c.load(c.Owner(s)) >= spinLoad
}
