package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// heldCases are about who holds a socket.
func heldCases() []ruleCase {
	byChild := heldBy(socket.Holder{Process: child, FD: 7, FlagsKnown: true, Inheritable: true})
	return []ruleCase{
		{"inherited", "the child neither uses nor closes it", silence,
			look(clients(1, silent(5*sec), nobody(), byChild)), ""},
		{"inherited", "not known who waits", silence,
			look(clients(1, silent(time.Hour), byChild)), ""},
		{"inherited", "within the grace period", silence,
			look(clients(1, silent(5*sec-msec), nobody(), byChild)), ""},
		{"inherited", "the child serves it", silence,
			look(clients(1, silent(time.Hour), thread("recvfrom"), byChild)), ""},
		{"inherited", "given to the child as stdin", silence,
			look(clients(1, silent(time.Hour), nobody(), heldBy(socket.Holder{Process: child, FD: 0}))), ""},
		{"inherited", "the parent has it too", silence,
			look(clients(1, silent(time.Hour), nobody(), heldBy(socket.Holder{Process: api, FD: 3}, socket.Holder{Process: child, FD: 7}))), ""},
		{"inherited", "a worker: the same program", silence,
			look(clients(1, silent(time.Hour), nobody(), byChild), func(s *socket.Snapshot) { s.Processes[1].Exe = s.Processes[0].Exe }), ""},
		{"inherited", "FD_CLOEXEC: it cannot have come through exec", silence,
			look(clients(1, silent(time.Hour), nobody(), heldBy(socket.Holder{Process: child, FD: 7, FlagsKnown: true}))), ""},
		{"inherited", "the child is a target itself", silence,
			look(clients(1, silent(time.Hour), nobody(), byChild), func(s *socket.Snapshot) { s.Processes[1].Target = true }), ""},
		{"inherited", "a process of somebody else", silence,
			look(clients(1, silent(time.Hour), nobody(), byChild), func(s *socket.Snapshot) { s.Processes[1].Parent = 1 }), ""},
		{"inherited", "a listener is shared on purpose", silence,
			look(listener(nobody(), byChild)), ""},

		{"held-by-worker", "no thread serves it", leak.Suspect,
			look(accepted(1, silent(10*sec), nobody())), "silent for at least 10s"},
		{"held-by-worker", "two processes hold it, and one cannot be read", silence,
			look(accepted(2, silent(10*sec), nobody(), heldBy(socket.Holder{Process: api, FD: 5}, socket.Holder{Process: child, FD: 5}))), ""},
		{"held-by-worker", "a thread may be at work", silence,
			look(accepted(1, silent(time.Hour), nobody()), threads(2, 1)), ""},
		{"held-by-worker", "threads that could not be read", silence,
			look(accepted(1, silent(time.Hour), nobody()), threads(2, -1)), ""},
		{"held-by-worker", "silent for less than twice the grace period", silence,
			look(accepted(1, silent(10*sec-msec), nobody())), ""},
		{"held-by-worker", "an idle client that is served", silence,
			look(accepted(50, silent(24*time.Hour), epoll(socket.EpollIn))), ""},
		{"held-by-worker", "not known who waits", silence,
			look(accepted(50, silent(24*time.Hour), doubt())), ""},
		{"held-by-worker", "not accepted: opened by the program", silence,
			look(clients(1, silent(time.Hour), nobody())), ""},

		{"duplicate-descriptors", "sixteen too many", leak.Suspect,
			look(clients(16, copied(1))), "has 16 descriptors too many of 16 sockets"},
		{"duplicate-descriptors", "fifteen too many", leak.Suspect,
			look(clients(1, copied(15))), "has 16 descriptors in this process"},
		{"duplicate-descriptors", "four too many", leak.Suspect, look(clients(1, copied(4))), ""},
		{"duplicate-descriptors", "three: one to read, one to write", silence, look(clients(3, copied(1))), ""},
		{"duplicate-descriptors", "stdin, stdout and stderr", silence,
			look(clients(9, heldBy(socket.Holder{Process: api, FD: 0}, socket.Holder{Process: api, FD: 1}, socket.Holder{Process: api, FD: 2}))), ""},
		{"duplicate-descriptors", "shared with a child", silence,
			look(clients(50, heldBy(socket.Holder{Process: api, FD: 9}, socket.Holder{Process: child, FD: 9}))), ""},
	}
}

// copied adds n descriptors in the same process.
func copied(n int) trait {
	return func(s *socket.Socket, i int) {
		for k := range n {
			s.Holders = append(s.Holders, socket.Holder{Process: api, FD: int32(1000 + i*n + k)})
		}
	}
}
