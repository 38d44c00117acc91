package scan

import (
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// Of a socket that is asked about, all holders on the machine are found, with the
// flags of their descriptors and when they were started; that none was missed is
// said only where every process could be read.
func TestHolders(t *testing.T) {
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			must(err)
			given := os.NewFile(uintptr(fds[0]), "given away")
			defer given.Close()
			defer unix.Close(fds[1])
			var none struct{}
			child := spawnWith(t, &none, nil, []*os.File{given}, "share") // as its descriptor 3
			snap := lookAt(t, s, os.Getpid())
			found := byFD(t, snap, os.Getpid())
			shared, own := found[int32(fds[0])], found[int32(fds[1])]
			// Our child is in the snapshot as one: it may not be, for the search to find it.
			snap.Processes = slices.DeleteFunc(snap.Processes, func(p socket.Process) bool { return p.ID.PID == child.pid })
			shared.Holders = slices.DeleteFunc(shared.Holders, func(h socket.Holder) bool { return h.Process.PID == child.pid })
			if err := s.Detail(t.Context(), snap, &socket.Questions{Holders: []*socket.Socket{shared, own}}); err != nil {
				t.Fatal(err)
			}
			var theirs *socket.Holder
			for i := range shared.Holders {
				if shared.Holders[i].Process.PID == child.pid {
					theirs = &shared.Holders[i]
				}
			}
			if theirs == nil || theirs.FD != 3 || !theirs.FlagsKnown || !theirs.Inheritable || len(shared.Holders) != 2 {
				t.Fatalf("holders %+v; want ours, and descriptor 3 of pid %d", shared.Holders, child.pid)
			}
			if p := snap.Process(theirs.Process); p == nil || p.Started.After(time.Now()) || time.Since(p.Started) > time.Hour {
				t.Errorf("the other holder is %+v; want to know when it was started", p)
			}
			if len(own.Holders) != 1 || !own.Holders[0].FlagsKnown || own.Holders[0].Inheritable {
				t.Errorf("holders of our own end: %+v", own.Holders)
			}
			complete := s.sys.proc.SeesAll() && allReadable(t, s)
			if shared.Has(socket.HasHolders) != complete || source == "sockdiag" && own.Has(socket.HasHolders) != complete {
				t.Errorf("complete: %v and %v, want %v", shared.Has(socket.HasHolders), own.Has(socket.HasHolders), complete)
			}
		})
	}
}

// allReadable reports whether the descriptors of every process can be read; as
// root they can, but for what a security module protects.
func allReadable(t *testing.T, s *Scanner) bool {
	t.Helper()
	pids, err := s.sys.proc.PIDs()
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(pids, func(pid int) bool {
		_, err := s.sys.proc.SocketFDs(pid, func(int32, uint64) {})
		return err != nil && !isGone(err)
	})
}

// With more descriptors to read than the budget the search is not complete.
func TestHoldersBeyondBudget(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	s := scanner(t, "sockdiag", false)
	snap := lookAt(t, s, os.Getpid())
	asked := byFD(t, snap, os.Getpid())[int32(fds[0])]
	err = s.sys.holders(t.Context(), snap, &socket.Questions{Holders: []*socket.Socket{asked}}, 0)
	if err != nil || asked.Has(socket.HasHolders) || len(asked.Holders) != 1 {
		t.Errorf("%v, complete %v, holders %+v", err, asked.Has(socket.HasHolders), asked.Holders)
	}
}
