package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// absentCases are about sockets that have no state which tells anything: only
// their number, their survival and their growth do.
func absentCases() []ruleCase {
	return []ruleCase{
		{"never-connected", "many", leak.Leak, look(absent(16, socket.Unattached)), "holds 16 TCP sockets"},
		{"never-connected", "some", leak.Suspect, look(absent(15, socket.NotInTable)), "in no table"},
		{"never-connected", "five", leak.Suspect, look(absent(5, socket.Unattached)), "never bound or connected"},
		{"never-connected", "a few for ioctls", silence, look(absent(4, socket.Unattached)), ""},
		{"never-connected", "growing", leak.Leak,
			looks(12, func(i int) []part { return []part{absent(i+2, socket.Unattached)} }), ""},
		{"never-connected", "made and closed all the time", silence,
			looks(12, func(i int) []part { return []part{absent(9, socket.Unattached, newer(i))} }), ""},
		{"never-connected", "of another family", silence, look(udp(10, 40000)), ""},

		{"connect-failed", "many", leak.Leak, look(absent(16, socket.ConnectFailed)), "16 sockets whose connect() failed"},
		{"connect-failed", "several that may try again", leak.Suspect, look(absent(15, socket.ConnectFailed)), ""},
		{"connect-failed", "two", leak.Suspect, look(absent(2, socket.ConnectFailed)), ""},
		{"connect-failed", "one that is about to be closed", silence, look(absent(1, socket.ConnectFailed)), ""},

		{"reset-not-closed", "accepted", leak.Leak, look(accepted(3, reset)), "state CLOSE"},
		{"reset-not-closed", "shut down by both sides", leak.Leak, look(accepted(3, reset, finished)), "shut down by both sides"},
		{"reset-not-closed", "accepted, two", leak.Suspect, look(accepted(2, reset)), ""},
		{"reset-not-closed", "accepted, one", silence, look(accepted(1, reset)), ""},
		{"reset-not-closed", "a pool whose server was restarted", leak.Suspect, look(clients(20, reset)), ""},
		{"reset-not-closed", "opened, used once each", leak.Suspect, look(clients(5, reset, usedInTurn(5, 5*sec))), ""},
		{"reset-not-closed", "opened, growing", leak.Leak, growing(func(n int) part { return clients(n, reset) }), ""},
		{"reset-not-closed", "reset within the grace period", silence, look(accepted(9, reset, silent(5*sec-msec))), ""},

		{"bound-unused", "many", leak.Leak, look(absent(16, socket.Bound)), "holds 16 TCP sockets that are bound and unused"},
		{"bound-unused", "several", leak.Suspect, look(absent(3, socket.Bound)), ""},
		{"bound-unused", "one or two, reserved", silence, look(absent(2, socket.Bound)), ""},

		{"udp-per-request", "many", silence, look(udp(64, 40000)), ""},
		{"udp-per-request", "some", silence, look(udp(16, 32768)), ""},
		{"udp-per-request", "a resolver with some in parallel", silence, look(udp(15, 40000)), ""},
		{"udp-per-request", "a server on well-known ports", silence, look(udp(200, 32768-1)), ""},
		{"udp-per-request", "growing", leak.Suspect, looks(12, func(i int) []part { return []part{udp(i+2, 40000)} }), ""},

		{"unix-peer-gone", "several", leak.Suspect, look(unixSockets(5, true)), "5 UNIX sockets whose other end is closed"},
		{"unix-peer-gone", "two", silence, look(unixSockets(2, true)), ""},
		{"unix-peer-gone", "one: the Java runtime keeps it", silence,
			looks(31, func(int) []part { return []part{unixSockets(1, true)} }), ""},
		{"unix-peer-gone", "growing", leak.Leak,
			looks(12, func(i int) []part { return []part{unixSockets(i+1, true)} }), ""},
		{"unix-peer-gone", "within the grace period of a longer look", leak.Suspect,
			looks(5, func(int) []part { return []part{unixSockets(9, true)} }), ""},
		{"unix-peer-gone", "both ends open", silence, look(unixSockets(50, false)), ""},
	}
}

func reset(s *socket.Socket, i int) {
	s.State, s.Presence = socket.Close, socket.Reset
	silent(5*sec)(s, i)
}

func finished(s *socket.Socket, _ int) { s.Presence = socket.Finished }

// contextCases are about what is no socket of the program: the address space
// of ports 1001 to 2000, sockets without owner, the limit.
func contextCases() []ruleCase {
	none := addr("0.0.0.0:0")
	from := addr("10.0.0.1:0")
	return []ruleCase{
		{"port-pressure", "half of the ports", leak.Note, look(ownerless(socket.TimeWait, 499, from, db), clients(1)), "500 of 1000 ephemeral ports"},
		{"port-pressure", "below half", silence, look(ownerless(socket.TimeWait, 499, from, db)), ""},
		{"port-pressure", "three quarters, with the open ones", leak.Suspect,
			look(ownerless(socket.TimeWait, 700, from, db), clients(50)), "700 connections in TIME_WAIT and 50 open"},
		{"port-pressure", "nearly all", leak.Leak, look(ownerless(socket.TimeWait, 950, from, db)), "EADDRNOTAVAIL"},
		{"port-pressure", "spread over destinations", silence,
			look(ownerless(socket.TimeWait, 400, from, db), ownerless(socket.TimeWait, 400, from, addr("10.0.0.6:5432"))), ""},
		{"port-pressure", "accepted connections take none", silence, look(accepted(900, epoll(socket.EpollIn))), ""},
		{"port-pressure", "TIME_WAIT of a server", silence, look(listener(), ownerless(socket.TimeWait, 5000, port, none)), ""},

		{"orphans", "many in FIN_WAIT1", leak.Note, look(listener(), ownerless(socket.FinWait1, 64, port, none)), "64 closed connections on port 8080 linger in FIN_WAIT1"},
		{"orphans", "some", silence, look(clients(1), ownerless(socket.LastAck, 63, from, db)), ""},
		{"orphans", "FIN_WAIT2 ends by itself", leak.Note, look(clients(1), ownerless(socket.FinWait2, 1000, from, db)), "the kernel waits for the peer"},
		{"orphans", "the other end of somebody's connection", silence, look(ownerless(socket.FinWait1, 1000, from, db)), ""},
		{"orphans", "a busy server for a moment", silence, look(clients(1), ownerless(socket.FinWait2, 7, from, db)), ""},
		{"orphans", "stuck on peers that do not read", leak.Suspect, look(accepted(3, abandonedOrphan, silent(6*sec))), "15000 bytes wait in FIN_WAIT1"},
		{"orphans", "still moving", silence, look(accepted(3, abandonedOrphan, silent(6*sec-msec))), ""},
		{"orphans", "fewer than several", silence, look(accepted(2, abandonedOrphan, silent(time.Hour))), ""},
		{"orphans", "TIME_WAIT is none", silence, look(clients(1), ownerless(socket.TimeWait, 400, from, db)), ""},

		{"time-wait", "of a server", leak.Note, look(listener(), ownerless(socket.TimeWait, 5000, port, none)), "5000 connections in TIME_WAIT on port 8080"},
		{"time-wait", "of a client", silence, look(ownerless(socket.TimeWait, 100, from, db)), ""},
		{"time-wait", "not worth a line", silence, look(ownerless(socket.TimeWait, 99, from, db)), ""},

		{"fd-limit", "four fifths of the limit", leak.Note, look(open(820, 1024)), "has 820 of 1024 descriptors open"},
		{"fd-limit", "below", silence, look(open(819, 1024)), ""},
		{"fd-limit", "no limit known", silence, look(open(1<<20, 0)), ""},
		{"fd-limit", "nobody could count", silence, look(open(-1, 1024)), ""},
		{"fd-limit", "the time that is left", leak.Note,
			looks(12, func(i int) []part { return []part{open(900+2*i, 1024)} }), "the limit is reached in 51s"},
	}
}

func open(fds int, limit uint64) part {
	return process(func(p *socket.Process) { p.FDs, p.FDLimit = fds, limit })
}

// abandonedOrphan: closed by the program with data that the peer has not taken.
func abandonedOrphan(s *socket.Socket, _ int) {
	s.State, s.Inode, s.Holders, s.SendQ = socket.FinWait1, 0, nil, 5000
}
