package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// openCases are about ESTABLISHED connections that are not read or not used.
func openCases() []ruleCase {
	full := end(socket.Peer{State: socket.Established, Inode: 7, Timer: socket.Timer{Kind: socket.Persist}})
	return []ruleCase{
		{"dead-peer", "the peer was on this machine, and is not", leak.Leak,
			look(clients(1, silent(5*sec), end(socket.Peer{Gone: true}))), "no such connection exists there"},
		{"dead-peer", "gone within the grace period", silence,
			look(clients(1, silent(5*sec-msec), end(socket.Peer{Gone: true}))), ""},
		{"dead-peer", "nothing is acknowledged", leak.Suspect,
			look(clients(2, sendQ(10), timer(socket.Retransmit, 6))), "10 bytes are unacknowledged after 6 retransmissions"},
		{"dead-peer", "a lossy network", silence,
			look(clients(2, sendQ(10), timer(socket.Retransmit, 5))), ""},
		{"dead-peer", "a thread waits, and nothing comes", leak.Suspect,
			look(clients(1, silent(15*time.Minute), thread("recvfrom"))), "nothing was received for 15m"},
		{"dead-peer", "the thread that waits is named", leak.Suspect,
			look(clients(2, silent(15*time.Minute), thread("recvfrom"), waiter(true))), "2 threads blocked in recv at app.py:6, no keepalive, no deadline"},
		{"dead-peer", "its deadline is not known", leak.Suspect,
			look(clients(1, silent(15*time.Minute), thread("recvfrom"), waiter(false))), "thread blocked in recv at app.py:6, no keepalive"},
		{"dead-peer", "the call has a time-out (SO_RCVTIMEO)", silence,
			look(clients(1, silent(time.Hour), thread("recvfrom"), func(s *socket.Socket, _ int) { s.ReadTimeout = true })), ""},
		{"dead-peer", "not silent for long enough", silence,
			look(clients(1, silent(15*time.Minute-msec), thread("recvfrom"))), ""},
		{"dead-peer", "keepalive will tell", silence,
			look(clients(1, silent(time.Hour), thread("recvfrom"), timer(socket.Keepalive, 0))), ""},
		{"dead-peer", "poll has a time-out", silence,
			look(clients(1, silent(time.Hour), thread("poll"))), ""},
		{"dead-peer", "the peer lives, and has nothing to say", silence,
			look(clients(1, silent(time.Hour), thread("recvfrom"), end(heldEnd(socket.Established)))), ""},
		{"dead-peer", "idle in an event loop", silence,
			look(clients(9, silent(24*time.Hour), epoll(socket.EpollIn))), ""},

		{"recv-window-full", "the peer's persist timer runs, nobody waits", leak.Leak,
			look(clients(1, recvQ(9000), silent(10*sec), nobody(), full)), "the peer's persist timer runs"},
		{"recv-window-full", "not long enough for proof", leak.Suspect,
			look(clients(2, recvQ(9000), silent(6*sec-msec), nobody(), full)), ""},
		{"recv-window-full", "64 KiB unread from another machine", leak.Leak,
			look(clients(1, recvQ(64<<10), silent(10*sec), nobody())), "65536 bytes unread"},
		{"recv-window-full", "less than 64 KiB is not full", silence,
			look(clients(1, recvQ(64<<10-1), silent(10*sec), nobody())), ""},
		{"recv-window-full", "a paused stream", leak.Suspect,
			look(clients(1, recvQ(64<<10), silent(time.Minute-msec), epoll(socket.EpollIn))), ""},
		{"recv-window-full", "paused for minutes", leak.Leak,
			look(clients(1, recvQ(64<<10), silent(5*time.Minute), epoll(socket.EpollIn))), "stopped reading from 1 connection of 10.0.0.5:5432"},
		{"recv-window-full", "a thread sleeps on it", leak.Suspect,
			look(clients(1, recvQ(64<<10), silent(time.Hour), thread("poll"))), ""},
		{"recv-window-full", "a slow reader", silence,
			looks(30, func(i int) []part { return []part{clients(1, recvQ(uint32(200-i)<<10), nobody())} }), ""},
		{"recv-window-full", "full within the grace period", silence,
			look(clients(9, recvQ(64<<10), silent(5*sec-msec), nobody())), ""},

		{"recv-window-full", "two of four readers have ended, and only the main thread is left", leak.Leak,
			look(clients(4, read(2)), readers(2, "futex")), "stopped reading from 2 connections"},
		{"recv-window-full", "the main thread is at something", leak.Leak,
			look(clients(4, read(2)), readers(2, "clock_nanosleep")), "stopped reading from 1 connection"},
		{"recv-window-full", "two other threads may read", leak.Suspect,
			look(clients(4, read(2)), readers(2, "futex", "futex", "futex")), ""},
		{"recv-window-full", "one reader is no custom", leak.Suspect,
			look(clients(3, read(1)), readers(1, "futex")), ""},

		{"abandoned", "several, nobody waits", leak.Leak,
			look(clients(3, recvQ(50), silent(10*sec), nobody())), "left data unread on 3 connections"},
		{"abandoned", "one, as old as proof", leak.Leak,
			look(clients(1, recvQ(50), silent(30*sec), nobody())), "50 bytes unread"},
		{"abandoned", "fewer or younger", leak.Suspect,
			look(clients(2, recvQ(50), silent(30*sec-msec), nobody())), ""},
		{"abandoned", "not known who waits", leak.Leak,
			look(clients(9, recvQ(50), silent(time.Hour), doubt())), ""},
		{"abandoned", "a poller has every socket", leak.Leak,
			look(clients(9, recvQ(50), silent(time.Hour), epoll(socket.EpollIn|socket.EpollET))), ""},
		{"abandoned", "a poller has every socket, and they grow", leak.Leak,
			looks(20, func(i int) []part {
				return []part{clients(i+1, recvQ(50), silent(10*sec), epoll(socket.EpollIn|socket.EpollET))}
			}), ""},
		{"abandoned", "within the grace period", silence,
			look(clients(9, recvQ(50), silent(5*sec-msec), nobody())), ""},
		{"abandoned", "it is read in the end", silence,
			looks(30, func(i int) []part { return []part{clients(3, recvQ(uint32(50+i%4)), nobody())} }), ""},

		{"slow-leak", "used once each, and nobody waits: they may expire", leak.Suspect,
			look(clients(10, usedInTurn(10, sec), once, nobody())), "each was used once, one after another"},
		{"slow-leak", "used once each, watched by a poller", silence,
			look(clients(10, usedInTurn(10, sec), once, epoll(socket.EpollIn))), ""},
		{"slow-leak", "used once each, few", leak.Suspect,
			look(clients(5, usedInTurn(5, 5*sec), once, nobody())), "keeps 5 connections to 10.0.0.5:5432"},
		{"slow-leak", "used once each, some just now: they may expire", silence,
			look(clients(8, usedInTurn(8, sec), once, nobody())), ""},
		{"slow-leak", "used once each, so many that they are counted first", leak.Suspect,
			look(clients(300, usedInTurn(300, sec), once, nobody())), "keeps 300 connections to 10.0.0.5:5432"},
		{"slow-leak", "too few to tell", silence,
			look(clients(4, usedInTurn(4, sec), once, nobody())), ""},
		{"slow-leak", "a pool: used at about the same time", silence,
			look(clients(20, silent(time.Hour), epoll(socket.EpollIn))), ""},
		{"slow-leak", "opened during the looks while older ones stay idle", leak.Leak,
			growing(func(n int) part { return clients(n+3, silent(sec), got(sec), nobody()) }), "none that had been left as long was closed"},
		{"slow-leak", "opened during the looks, in an event loop: perhaps subscriptions", leak.Suspect,
			growing(func(n int) part { return clients(n+3, silent(sec), got(sec), epoll(socket.EpollIn)) }), ""},
		{"slow-leak", "a pool that warms up and stops", silence,
			looks(20, func(i int) []part { return []part{clients(min(i+3, 9), silent(sec), epoll(socket.EpollIn))} }), ""},
		{"slow-leak", "idle clients of a server", silence,
			look(accepted(50, usedInTurn(50, sec), epoll(socket.EpollIn))), ""},
		{"slow-leak", "one connection for each thread", silence,
			look(clients(20, usedInTurn(20, sec), thread("recvfrom"))), ""},
	}
}

func sendCases() []ruleCase {
	probing := timer(socket.Persist, 3)
	return []ruleCase{
		{"send-stuck", "several peers stopped reading", leak.Leak,
			look(accepted(3, sendQ(70000), probing, sent(60*sec))), "70000 bytes wait in the send queue, 3 zero-window probes"},
		{"send-stuck", "players that have paused", leak.Suspect,
			look(accepted(3, sendQ(70000), probing, sent(60*sec-msec))), "cannot send on 3 connections"},
		{"send-stuck", "fewer", leak.Suspect,
			look(accepted(2, sendQ(70000), probing, sent(90*sec))), ""},
		{"send-stuck", "one, beyond patience", leak.Leak,
			look(accepted(1, sendQ(70000), probing, sent(300*sec))), ""},
		{"send-stuck", "the peer reads slowly", silence,
			look(accepted(9, sendQ(70000), probing, sent(5*sec-msec))), ""},
		{"send-stuck", "merely full, not stuck", silence,
			look(accepted(9, sendQ(70000), timer(socket.Retransmit, 1), sent(5*sec))), ""},
		{"send-stuck", "the peer has closed its side", leak.Leak,
			look(accepted(3, sendQ(70000), probing, in(socket.CloseWait), sent(60*sec))), ""},
		{"send-stuck", "without tcp_info the probes tell", leak.Suspect,
			look(accepted(1, sendQ(70000), timer(socket.Persist, 6), facts(seen&^socket.HasTCPInfo))), ""},
		{"send-stuck", "without tcp_info, few probes", silence,
			look(accepted(1, sendQ(70000), timer(socket.Persist, 5), facts(seen&^socket.HasTCPInfo))), ""},
	}
}

// waiter is a thread in recv, at a line.
func waiter(noDeadline bool) trait {
	return func(s *socket.Socket, _ int) {
		s.Watch.Waiters = []socket.Waiter{{Kind: socket.ThreadWaiter, Process: api, ID: 42, Call: "recvfrom", TimeoutKnown: noDeadline,
			Frames: []socket.Frame{{Function: "fetch", File: "/srv/app.py", Line: 6, Own: true}}}}
	}
}

// read: a thread sleeps on each of the first n, and nobody on the others, whose
// windows are full.
func read(n int) trait {
	return func(s *socket.Socket, i int) {
		if i < n {
			thread("recvfrom")(s, i)
			return
		}
		for _, t := range []trait{recvQ(64 << 10), silent(10*sec + time.Duration(i)*msec), nobody()} {
			t(s, i)
		}
	}
}

// readers: n threads of api read a connection each; others, the main thread
// first, sleep in the calls.
func readers(n int, calls ...string) part {
	return process(func(p *socket.Process) {
		p.Threads, p.Idle = n+len(calls), n
		for i := range n {
			p.Tasks = append(p.Tasks, socket.Task{TID: 100 + i, Call: "recvfrom", FDs: []int32{int32(3 + i)}})
		}
		for i, call := range calls {
			p.Tasks = append(p.Tasks, socket.Task{TID: p.ID.PID + i, Call: call})
		}
	})
}
