package portable

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// Many UNIX sockets without a path are many, whatever gopsutil makes of them.
func TestManyUnixSockets(t *testing.T) {
	const pairs = 50
	before := count(t)
	for range pairs {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fds[0])
		defer syscall.Close(fds[1])
	}
	if got := count(t) - before; got != 2*pairs {
		t.Errorf("%d more sockets, want %d", got, 2*pairs)
	}
}

// count returns how many sockets of this process there are.
func count(t *testing.T) int {
	t.Helper()
	ids := map[socket.ID]bool{}
	p := &socket.Process{ID: socket.ProcessID{PID: os.Getpid()}}
	err := Sockets(context.Background(), p, func(fd int32, s *socket.Socket) {
		s.Holders = []socket.Holder{{Process: p.ID, FD: fd}}
		ids[s.ID()] = true
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(ids)
}
