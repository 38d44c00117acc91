//go:build linux

package enrich

import "github.com/sockleak/sockleak/internal/socket"

// deadlines says of the threads that sleep in a call on the socket alone whether
// they give up by themselves: not when the socket has no time-out, which is all
// that ends such a call. When one that has a time-out began to sleep is not known.
func deadlines(s *socket.Socket) {
	if !s.Has(socket.HasTimeouts) {
		return
	}
	for i := range s.Watch.Waiters {
		w := &s.Watch.Waiters[i]
		if w.Kind != socket.ThreadWaiter {
			continue
		}
		switch w.Call {
		case "read", "readv", "recvfrom", "recvmsg", "accept", "accept4":
			w.TimeoutKnown = !s.ReadTimeout
		case "write", "writev", "sendto", "sendmsg", "connect":
			w.TimeoutKnown = !s.WriteTimeout
		}
	}
}
