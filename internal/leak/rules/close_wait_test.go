package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

const (
	sec  = time.Second
	msec = time.Millisecond
)

// closeWaitCases: the grace period is 5 s, proof 30 s, several 3.
func closeWaitCases() []ruleCase {
	waiting, gone := in(socket.CloseWait), end(socket.Peer{Gone: true})
	return []ruleCase{
		{"close-wait-eof-read", "one, as old as proof", leak.Leak,
			look(accepted(1, waiting, recvQ(0), silent(30*sec), gone)), "recv-q 0"},
		{"close-wait-eof-read", "one, younger than proof", silence,
			look(clients(1, waiting, silent(30*sec-msec))), ""},
		{"close-wait-eof-read", "several, half as old again as the grace period", leak.Leak,
			look(accepted(3, waiting, silent(7500*msec), gone)), "holds 3 sockets that clients of port 8080 closed"},
		{"close-wait-eof-read", "several, younger", leak.Suspect,
			look(accepted(3, waiting, silent(6*sec-msec), gone)), ""},
		{"close-wait-eof-read", "fewer than several", leak.Suspect,
			look(accepted(2, waiting, silent(10*sec))), ""},
		{"close-wait-eof-read", "within the grace period", silence,
			look(clients(50, waiting, silent(5*sec-msec))), ""},
		{"close-wait-eof-read", "without tcp_info one sample proves no age", silence,
			look(clients(50, waiting, facts(seen&^socket.HasTCPInfo))), ""},
		{"close-wait-eof-read", "without queues it is not known how much is unread", silence,
			look(clients(50, waiting, facts(socket.HasState|socket.HasAddrs))), ""},
		{"close-wait-eof-read", "the age seen over the looks", leak.Leak,
			looks(31, func(int) []part { return []part{accepted(1, waiting, gone)} }), ""},
		{"close-wait-eof-read", "younger over the looks", leak.Suspect,
			looks(30, func(int) []part { return []part{accepted(1, waiting, gone)} }), ""},
		{"close-wait-eof-read", "growing", leak.Leak,
			growing(func(n int) part { return accepted(n, waiting, silent(6*sec), gone) }), ""},
		{"close-wait-eof-read", "others in each look: a server that closes after seconds", silence,
			looks(20, func(i int) []part { return []part{clients(4, waiting, newer(i))} }), ""},
		{"close-wait-eof-read", "half-closed, and data is still sent", silence,
			look(clients(3, waiting, silent(time.Minute), sent(5*sec-msec))), ""},
		{"close-wait-eof-read", "half-closed, sent its last long ago", leak.Leak,
			look(accepted(3, waiting, silent(time.Minute), sent(5*sec), gone)), ""},
		{"close-wait-eof-read", "the peer still waits for an answer", silence,
			look(accepted(3, waiting, silent(5*time.Minute-msec), end(heldEnd(socket.FinWait2)))), ""},
		{"close-wait-eof-read", "the peer has waited too long", leak.Leak,
			look(accepted(3, waiting, silent(5*time.Minute), end(heldEnd(socket.FinWait2)))), ""},
		{"close-wait-eof-read", "the peer is gone for good", leak.Leak,
			look(accepted(3, waiting, silent(10*sec), end(socket.Peer{Gone: true}))), "all closed completely by the peer processes"},
		{"close-wait-eof-read", "a listener's queue is not the program's", silence,
			look(listener(), queued(3, waiting, silent(6*sec-msec))), ""},

		{"close-wait-eof-read", "of equal ones the program has read the end of the last later", leak.Leak,
			looks(12, func(i int) []part {
				return []part{accepted(5, waiting, silent(10*sec+time.Duration(i)*sec), gone, func(s *socket.Socket, k int) {
					if k == 4 && i < 10 {
						s.RecvQ = 1
					}
				})}
			}), "holds 5 sockets"},

		{"close-wait-data-unread", "accepted, as old as proof", leak.Leak,
			look(accepted(1, waiting, recvQ(101), silent(30*sec))), "100 bytes and the peer's FIN lie unread"},
		{"close-wait-data-unread", "accepted, younger", leak.Suspect,
			look(accepted(1, waiting, recvQ(2), silent(30*sec-msec))), "1 bytes"},
		{"close-wait-data-unread", "opened: perhaps a pool", leak.Suspect,
			look(clients(9, waiting, recvQ(101), silent(time.Hour))), "900 bytes"},
		{"close-wait-data-unread", "opened, used once each", leak.Suspect,
			look(clients(5, waiting, recvQ(101), usedInTurn(5, 10*sec))), ""},
		{"close-wait-data-unread", "opened, growing", leak.Leak,
			growing(func(n int) part { return clients(n, waiting, recvQ(101), silent(6*sec), gone) }), ""},
		{"close-wait-data-unread", "one idle HTTPS connection", silence,
			look(clients(1, waiting, recvQ(25), silent(time.Hour))), ""},
		{"close-wait-data-unread", "threads at work for clients that gave up", leak.Suspect,
			look(accepted(3, waiting, recvQ(50), silent(30*sec-msec), nobody()), threads(4, 1)), ""},
		{"close-wait-data-unread", "too long at work", leak.Leak,
			look(accepted(3, waiting, recvQ(50), silent(30*sec), nobody()), threads(4, 1)), ""},
		{"close-wait-data-unread", "within the grace period", silence,
			look(accepted(9, waiting, recvQ(101), silent(5*sec-msec))), ""},

		{"close-wait-eof-unread", "accepted, several", leak.Leak,
			look(accepted(3, waiting, recvQ(1), silent(10*sec), gone)), "recv-q 1"},
		{"close-wait-eof-unread", "accepted, fewer threads at work than connections", leak.Leak,
			look(accepted(3, waiting, recvQ(1), silent(10*sec), nobody(), gone), threads(3, 1)), ""},
		{"close-wait-eof-unread", "accepted, all threads sleep elsewhere", leak.Leak,
			look(accepted(3, waiting, recvQ(1), silent(10*sec), gone)), ""},
		{"close-wait-eof-unread", "accepted, threads at work", leak.Suspect,
			look(accepted(3, waiting, recvQ(1), silent(10*sec), nobody(), gone), threads(4, 1)), ""},
		{"close-wait-eof-unread", "opened, used once each", silence,
			look(clients(5, waiting, recvQ(1), usedInTurn(5, 10*sec))), ""},
		{"close-wait-eof-unread", "opened, used once each, but too few to tell", silence,
			look(clients(4, waiting, recvQ(1), usedInTurn(4, 10*sec))), ""},
		{"close-wait-eof-unread", "opened, growing", leak.Leak,
			growing(func(n int) part { return clients(n, waiting, recvQ(1), silent(6*sec), gone) }), ""},
		{"close-wait-eof-unread", "one pooled connection", silence,
			look(clients(1, waiting, recvQ(1), silent(time.Hour))), ""},

		{"dead-pool", "idle connections that the server closed", leak.Suspect,
			look(clients(4, waiting, recvQ(1), silent(time.Hour))), ""},
		{"dead-pool", "over TLS", leak.Suspect,
			look(clients(2, waiting, recvQ(32), silent(time.Hour))), "recv-q 32"},
		{"dead-pool", "one is no pool", silence,
			look(clients(1, waiting, recvQ(1), silent(time.Hour))), ""},
		{"dead-pool", "accepted connections have no pool", silence,
			look(accepted(2, waiting, recvQ(1), silent(6*sec))), ""},
		{"dead-pool", "within the grace period", silence,
			look(clients(4, waiting, recvQ(1), silent(5*sec-msec))), ""},

		{"spin-on-eof", "level-triggered, half a core", leak.Leak,
			look(accepted(1, waiting, silent(5*sec), epoll(socket.EpollIn)), load(0.5)), "50 % of a core"},
		{"spin-on-eof", "below half a core", silence,
			look(accepted(1, waiting, silent(5*sec), epoll(socket.EpollIn)), load(0.49)), ""},
		{"spin-on-eof", "edge-triggered", silence,
			look(accepted(1, waiting, silent(5*sec), epoll(socket.EpollIn|socket.EpollET)), load(1)), ""},
		{"spin-on-eof", "not registered for input", silence,
			look(accepted(1, waiting, silent(5*sec), epoll(4)), load(1)), ""},
		{"spin-on-eof", "within the grace period", silence,
			look(accepted(1, waiting, silent(5*sec-msec), epoll(socket.EpollIn)), load(1)), ""},
		{"spin-on-eof", "was busy once, and is not between the looks", silence,
			looks(2, func(i int) []part {
				return []part{accepted(1, waiting, silent(5*sec), epoll(socket.EpollIn)), cpu(90 * sec)}
			}), ""},
	}
}

// newer makes the sockets of the i-th look others than those before.
func newer(i int) trait {
	return func(s *socket.Socket, _ int) { s.Inode += uint64(100 * i); s.Cookie = s.Inode }
}

func threads(n, idle int) part {
	return process(func(p *socket.Process) { p.Threads, p.Idle = n, idle })
}

func cpu(d time.Duration) part { return process(func(p *socket.Process) { p.CPU = d }) }

// load is the share of a core that api used in the 100 s of its life.
func load(share float64) part { return cpu(time.Duration(share * float64(100*sec))) }

func TestCloseNotify(t *testing.T) {
	for _, q := range []uint32{0, 1, 2, 23, 26, 31, 33, 57, 59, 71, 1 << 20} {
		if closeNotify(q) {
			t.Errorf("%d bytes are no close_notify with a FIN", q)
		}
	}
}
