package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func spinOnEOF() Rule {
	return Rule{
		ID: "spin-on-eof", Title: "a busy loop on a connection whose end it does not see", Severity: Leak,
		Doc: Doc{Means: "The peer has closed, the socket is still in a level-triggered epoll set, and so every epoll_wait returns at once. The program burns a core and never closes."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "treat a read of 0 bytes as the end: remove the descriptor from the poller and close it",
		},
		Check: checkSpin,
	}
}

// spinLoad is the share of a core from which on a process is said to spin.
const spinLoad = 0.5

func checkSpin(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.State == socket.CloseWait && s.IsTCP() && s.RecvQ <= 1 && c.past(s) && levelTriggered(s) && c.load(c.Owner(s)) >= spinLoad
	})
	var out []Finding
	for _, g := range c.groups(list) {
		f := c.finding(g, Leak, fmt.Sprintf("spins on %s that %s closed", plural(len(g.sockets), "socket"), g.where()))
		f.Evidence = append(f.Evidence,
			"in CLOSE_WAIT and still registered for input, level-triggered: the poller returns at once, every time",
			fmt.Sprintf("the process uses %.0f %% of a core", 100*c.load(c.Now().Process(g.process))))
		out = append(out, f)
	}
	return out
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
// looks, or after one look on average over its life.
func (c *Case) load(p *socket.Process) float64 {
	if p == nil {
		return 0
	}
	if load, ok := c.Process(p.ID).Load(); ok {
		return load
	}
	if life := c.Now().Taken.Sub(p.Started); !p.Started.IsZero() && life > 0 {
		return float64(p.CPU) / float64(life)
	}
	return 0
}
