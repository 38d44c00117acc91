package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func finWaitCases() []ruleCase {
	half := in(socket.FinWait2)
	return []ruleCase{
		{"fin-wait2-held", "nobody waits, as old as proof", leak.Leak,
			look(clients(1, half, silent(30*sec), nobody())), "FIN_WAIT2 with a descriptor and no timer"},
		{"fin-wait2-held", "nobody waits, several", leak.Leak,
			look(clients(3, half, silent(10*sec), nobody())), "shut down 3 connections to 10.0.0.5:5432"},
		{"fin-wait2-held", "nobody waits, young", leak.Suspect,
			look(clients(2, half, silent(30*sec-msec), nobody())), ""},
		{"fin-wait2-held", "within the grace period", silence,
			look(clients(9, half, silent(5*sec-msec), nobody())), ""},
		{"fin-wait2-held", "growing, whoever waits", leak.Leak,
			growing(func(n int) part { return accepted(n, half, silent(6*sec), epoll(socket.EpollIn)) }), "clients of port 8080"},
		{"fin-wait2-held", "a thread waits for the answer", silence,
			look(clients(1, half, silent(5*time.Minute-msec), thread("recvfrom"))), ""},
		{"fin-wait2-held", "a thread waits for ever", leak.Suspect,
			look(clients(1, half, silent(5*time.Minute), thread("recvfrom"))), ""},
		{"fin-wait2-held", "an epoll set waits for the answer", silence,
			look(clients(3, half, silent(30*sec-msec), epoll(socket.EpollIn))), ""},
		{"fin-wait2-held", "an epoll set waits for long", silence,
			look(clients(3, half, silent(30*sec), epoll(socket.EpollIn))), ""},
		{"fin-wait2-held", "not known who waits", leak.Suspect,
			look(clients(3, half, silent(time.Hour), doubt())), ""},
		{"fin-wait2-held", "the answer still comes", silence,
			look(clients(3, half, silent(time.Hour), got(5*sec-msec), nobody())), ""},
		{"fin-wait2-held", "an orphan, which the kernel reaps", silence,
			look(clients(3, half, silent(time.Hour), nobody(), heldBy(), orphan())), ""},
	}
}

// orphan takes the inode away.
func orphan() trait { return func(s *socket.Socket, _ int) { s.Inode = 0 } }

func queueCases() []ruleCase {
	return []ruleCase{
		{"never-accepted", "no thread in accept", leak.Suspect,
			look(listener(nobody(), backlog(2)), queued(2, silent(10*sec))), ""},
		{"never-accepted", "not known whether a thread accepts", leak.Suspect,
			look(listener(), queued(2, silent(10*sec))), "never accepted 2 connections on port 8080"},
		{"never-accepted", "a thread sleeps in accept", leak.Suspect,
			look(listener(thread("accept4")), queued(2, silent(30*sec-msec))), ""},
		{"never-accepted", "as old as proof", leak.Leak,
			look(listener(thread("accept4")), queued(2, silent(30*sec))), ""},
		{"never-accepted", "young", leak.Suspect,
			look(listener(), queued(2, silent(6*sec-msec))), ""},
		{"never-accepted", "a burst that is worked off", silence,
			look(listener(), queued(128, silent(5*sec-msec))), ""},
		{"never-accepted", "clients gave up", leak.Leak,
			look(listener(), queued(4, in(socket.CloseWait), silent(time.Minute))), "4 of their clients have given up"},
		{"never-accepted", "a full queue", leak.Leak,
			look(listener(backlog(129)), queued(4, silent(time.Minute))), "the accept queue is full"},
		{"never-accepted", "other clients in each look", silence,
			looks(40, func(i int) []part { return []part{listener(), queued(4, others(i))} }), ""},

		{"syn-sent-stuck", "many attempts", leak.Leak,
			look(clients(5, in(socket.SynSent), timer(socket.Retransmit, 3))), "the SYN was repeated 3 times"},
		{"syn-sent-stuck", "one attempt at a dead host", leak.Suspect,
			look(clients(4, in(socket.SynSent), timer(socket.Retransmit, 6))), "waits for an answer from 10.0.0.5:5432 on 4 sockets"},
		{"syn-sent-stuck", "a slow host", silence,
			look(clients(50, in(socket.SynSent), timer(socket.Retransmit, 2))), ""},
		{"syn-sent-stuck", "growing", leak.Leak,
			growing(func(n int) part { return clients(min(n, 14), in(socket.SynSent), timer(socket.Retransmit, 3)) }), ""},
	}
}

// backlog is the length of a listener's accept queue.
func backlog(n uint32) trait { return recvQ(n) }

// others makes the queued connections of the i-th look others than before.
func others(i int) trait {
	return func(s *socket.Socket, _ int) {
		s.Remote = netip.AddrPortFrom(s.Remote.Addr(), s.Remote.Port()+uint16(100*i))
	}
}
