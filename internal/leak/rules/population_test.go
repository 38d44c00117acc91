package rules

import (
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// populationCases are about programs as a whole: what they are doing, and
// kinds of sockets that only come.
func populationCases() []ruleCase {
	gone := end(socket.Peer{Gone: true})
	halted := process(func(p *socket.Process) { p.RunState = 'T' })
	byChild := heldBy(socket.Holder{Process: child, FD: 7, FlagsKnown: true, Inheritable: true})
	return []ruleCase{
		{"stopped", "clients wait for a stopped program", leak.Suspect,
			look(accepted(3, in(socket.CloseWait), silent(time.Hour), gone), queued(2, silent(time.Hour)), halted), "2 in an accept queue"},
		{"stopped", "nobody waits for it", silence, look(accepted(3, silent(time.Hour)), halted), ""},
		{"stopped", "it runs", silence, look(accepted(3, recvQ(9), silent(sec))), ""},

		{"saturated", "workers are busy, and the head of the queue stays", leak.Suspect,
			looks(12, func(int) []part {
				return []part{accepted(4, got(time.Minute), silentSent(time.Hour)), queued(3, silent(time.Minute))}
			}), "is saturated: 3 clients wait"},
		{"saturated", "the queue moves", silence,
			looks(12, func(i int) []part {
				return []part{accepted(4, got(time.Minute), silentSent(time.Hour)), queued(3, silent(6*sec), others(i))}
			}), ""},

		{"listener-unserved", "a sibling of the port is served, this one is not", leak.Leak,
			look(listener(thread("accept4")), listener(nobody(), another(500), backlog(2))), "keeps a listener on port 8080 that nobody waits for"},
		{"listener-unserved", "somebody waits", silence, look(listener(thread("accept4"))), ""},
		{"listener-unserved", "between two clients", silence, look(accepted(1, thread("read")), listener(nobody())), ""},

		{"both-ends-here", "three pairs that nobody waits for", leak.Leak, look(pairs(3, nobody())), "holds both ends of 3 socket pairs"},
		{"both-ends-here", "one pair to wake itself up", silence, look(pairs(1, nobody())), ""},
		{"both-ends-here", "an event loop waits for one end", silence, look(pairs(3, epoll(socket.EpollIn))), ""},

		{"closed-in-uring", "a request keeps what was closed", leak.Leak,
			look(accepted(5, in(socket.CloseWait), silent(30*sec), kept)), "keeps 5 sockets open through io_uring"},
		{"closed-in-uring", "a registered file in use", silence, look(accepted(5, silent(30*sec), got(sec), kept)), ""},

		{"survivors", "UNIX connections that only come", leak.Leak,
			growing(func(n int) part { return unixClients(n, nobody()) }), "keeps opening and never closes: 14 unix connections"},
		{"survivors", "an event loop watches them", leak.Suspect,
			growing(func(n int) part { return unixClients(n, epoll(socket.EpollIn)) }), ""},
		{"survivors", "others in each look", silence,
			looks(12, func(i int) []part { return []part{unixClients(4, nobody(), newer(i))} }), ""},
		{"survivors", "a fixed number", silence, looks(12, func(int) []part { return []part{unixClients(40, nobody())} }), ""},

		{"held-by-worker", "answered, and they only come", leak.Leak,
			growing(func(n int) part { return accepted(n, silent(10*sec), nobody()) }), "that no thread serves"},
		{"udp-per-request", "they only come, and nobody waits", leak.Leak,
			growing(func(n int) part { return udp(n, 40000, nobody()) }), "each has a port of its own"},
		{"inherited", "older than the child", leak.Leak,
			look(clients(2, silent(time.Minute), nobody(), byChild), started(child, 10*sec)), "the connection is at least 1m old, the process 10s"},
		{"inherited", "younger than the child", silence,
			look(clients(2, silent(time.Minute), nobody(), byChild), started(child, time.Hour)), ""},
		{"duplicate-descriptors", "four descriptors of each", leak.Leak, look(clients(8, copied(3))), "has 24 descriptors too many"},
	}
}

// silentSent: the program's own data went out so long ago.
func silentSent(d time.Duration) trait {
	return func(s *socket.Socket, _ int) { s.TCP.BytesSent, s.TCP.LastDataSent = 100, d }
}

// another moves the inodes of a part.
func another(by uint64) trait {
	return func(s *socket.Socket, _ int) { s.Inode += by; s.Cookie = s.Inode }
}

// started says how long ago a process was started.
func started(id socket.ProcessID, ago time.Duration) part {
	return func(snap *socket.Snapshot) {
		for i := range snap.Processes {
			if snap.Processes[i].ID == id {
				snap.Processes[i].Started = snap.Taken.Add(-ago)
			}
		}
	}
}

// pairs are socketpairs of which api holds both ends.
func pairs(n int, traits ...trait) part {
	s := socket.Socket{Family: socket.Unix, Type: socket.Stream, State: socket.Established, Presence: socket.InTable, Inode: 50_000}
	return add(2*n, s, append([]trait{func(s *socket.Socket, i int) {
		s.UnixInfo = &socket.UnixInfo{PeerInode: s.Inode ^ 1}
	}}, traits...))
}

// unixClients are UNIX connections that api opened and whose peers live.
func unixClients(n int, traits ...trait) part {
	s := socket.Socket{Family: socket.Unix, Type: socket.Stream, State: socket.Established, Presence: socket.InTable, Inode: 70_000,
		Remote: netip.AddrPort{}}
	return add(n, s, append([]trait{func(s *socket.Socket, _ int) {
		s.UnixInfo = &socket.UnixInfo{PeerInode: s.Inode + 10_000}
	}}, traits...))
}

// kept: only io_uring of api refers to it.
func kept(s *socket.Socket, _ int) { s.Holders, s.KeptBy = nil, api }
