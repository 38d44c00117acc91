//go:build linux

package enrich

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// Two processes that use io_uring and share a listener can both be meant: that is
// a gap, and no word on either.
func TestKeptByOneOfSeveral(t *testing.T) {
	u := &unheld{users: map[socket.ProcessID]*socket.Process{{PID: 7}: {}, {PID: 8}: {}}}
	for want, holders := range map[socket.ProcessID][]int{{PID: 7}: {7, 9, 7}, {}: {7, 8}, {PID: 8}: {9, 8}} {
		l := &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Listen}
		for _, pid := range holders {
			l.Holders = append(l.Holders, socket.Holder{Process: socket.ProcessID{PID: pid}})
		}
		if got := u.onlyUser([]*socket.Socket{l}); got != want {
			t.Errorf("held by %v: %v, want %v", holders, got, want)
		}
	}
}
