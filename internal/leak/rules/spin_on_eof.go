package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func spinOnEOF() leak.Rule {
	return leak.Rule{
		ID: "spin-on-eof", Title: "a busy loop on a connection whose end it does not see", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The peer has closed, the program still waits for input on the socket, level-triggered, and so every " +
				"epoll_wait(), poll() or select() returns at once. The program burns a core and never closes.",
			Causes: "A loop that treats a read of 0 bytes like no data, or that stops reading on an error and leaves the " +
				"descriptor registered for input.",
			Evidence: "CLOSE_WAIT with recv-q 0 for at least the grace period (5 s), or with recv-q 1 for proof (30 s), a " +
				"registration with EPOLLIN and without EPOLLET, or a thread in poll() or select() on it (while it runs, the kernel's list " +
				"of the socket's waiters shows that, read by the BPF iterator, again and again), and at least half a core " +
				"used or waited for during 100 ms of the sample (/proc/PID/task/TID/schedstat), or between the last two samples.",
			BlindSpot: "A spin that is less than half a core, or that is busy at the moment of every sample and so in no call.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "treat a read of 0 bytes as the end: epoll_ctl(EPOLL_CTL_DEL), then close(fd)",
			socket.Python:         "if not data: sel.unregister(sock); sock.close() - recv() that returns b'' is the end of the stream, not an empty message",
			socket.Java:           "if (channel.read(buf) == -1) { key.cancel(); channel.close(); } - a key that stays registered is always ready",
			socket.Ruby:           "when read_nonblock raises EOFError or returns nil: io.close, and take it out of IO.select's list",
			socket.Native:         "if (n == 0) { epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL); close(fd); } - also for EPOLLHUP, EPOLLRDHUP and EPOLLERR",
			socket.PHP:            "if ($data === '' || feof($s)) { fclose($s); } - and take it out of stream_select()'s arrays",
		}},
		States: socket.StateSet(socket.CloseWait),
		Match:  func(c *leak.Case, s *socket.Socket) bool { return held(s) && s.IsTCP() && busy(c, s) },
		Ripe:   unseenEnd,
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "not-woken", Program: "spin-on-eof/clean-busy.py",
				Means:   "nothing waits for it level-triggered: the process is busy with something else",
				Unknown: "what the program waits for is not known",
				Ask:     notWoken},
		},
		Proofs: []leak.Proof{{ID: "busy", Program: "spin-on-eof/leaky.c",
			Means: "the process uses or waits for at least half a core",
			Ask:   func(_ *leak.Case, g *leak.Group) leak.Answer { return leak.AnswerOf(len(g.Sockets) > 0) }}},
		Grounds: []leak.Proof{{ID: "never", Means: "what is not proven is left to the rules of CLOSE_WAIT", Program: "spin-on-eof/leaky.c",
			Ask: func(*leak.Case, *leak.Group) leak.Answer { return leak.No }}},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("spins on %s that %s closed", words.Plural(len(g.Sockets), "socket"), c.Where(f))
			how := "level-triggered"
			if g.Sockets[0].Polled {
				how = "by poll() or select()"
			}
			f.Evidence = append(f.Evidence,
				"in CLOSE_WAIT and still waited for, "+how+": the call returns at once, every time",
				fmt.Sprintf("the process uses or waits for %.0f %% of a core", 100*c.LoadOf(c.Owner(g.Sockets[0]))))
		},
	}
}

// spinLoad is the share of a core from which on a process is said to spin.
const spinLoad = 0.5

func busy(c *leak.Case, s *socket.Socket) bool { return c.LoadOf(c.Owner(s)) >= spinLoad }

// unseenEnd reports whether the program has had the time to see the end of
// the stream, and has not acted on it. One that computes for a while leaves
// the FIN unread as well, and is given longer.
func unseenEnd(c *leak.Case, s *socket.Socket) bool {
	switch s.RecvQ {
	case 0:
		return pastGrace(c, s)
	case 1:
		return c.Age(s).AtLeast >= c.Settings.Proof
	}
	return false
}

// notWoken reports whether the socket's end wakes nobody up.
func notWoken(_ *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
	if s.Polled {
		return leak.No
	}
	w := s.Watch
	if w == nil {
		return leak.Unknown
	}
	for _, e := range w.Epolls {
		if e.Events&socket.EpollIn != 0 && !e.EdgeTriggered() {
			return leak.No
		}
	}
	for _, t := range w.Threads {
		switch t.Syscall {
		case "poll", "ppoll", "select", "pselect6":
			return leak.No
		}
	}
	if w.Doubt != "" {
		return leak.Unknown
	}
	return leak.Yes
}
