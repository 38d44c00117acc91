//go:build linux

package enrich

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// enricher returns one for this machine.
func enricher(t *testing.T) *Enricher {
	t.Helper()
	fs, err := proc.New(proc.Root)
	if err != nil {
		t.Fatal(err)
	}
	conns := sockdiag.NewConns(fs)
	t.Cleanup(func() { _ = conns.Close() })
	return New(fs, conns, Options{})
}

// With more descriptors to read than the budget the search is not complete.
func TestHoldersBeyondBudget(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	var st unix.Stat_t
	if err := unix.Fstat(fds[0], &st); err != nil {
		t.Fatal(err)
	}
	own := socket.ProcessID{PID: os.Getpid()}
	asked := &socket.Socket{Inode: st.Ino, Family: socket.Unix, Holders: []socket.Holder{{Process: own, FD: int32(fds[0])}}}
	snap := &socket.Snapshot{Processes: []socket.Process{{ID: own, SocketFDs: 2}}, Sockets: []*socket.Socket{asked}}
	err = enricher(t).holders(t.Context(), snap, &socket.Questions{Holders: []*socket.Socket{asked}}, 0)
	if err != nil || asked.Has(socket.HasHolders) || len(asked.Holders) != 1 {
		t.Errorf("%v, complete %v, holders %+v", err, asked.Has(socket.HasHolders), asked.Holders)
	}
}
