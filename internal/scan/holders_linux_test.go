package scan

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// Of a socket that is asked about, all holders on the machine are found, with the
// flags of their descriptors and when they were started; that none was missed is
// said only where every process could be read.
func TestHolders(t *testing.T) {
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			testkit.Must(err)
			given := os.NewFile(uintptr(fds[0]), "given away")
			defer given.Close()
			defer unix.Close(fds[1])
			var none struct{}
			child := testkit.SpawnWith(t, &none, nil, []*os.File{given}, "share") // as its descriptor 3
			snap := lookAt(t, s, os.Getpid())
			found := byFD(t, snap, os.Getpid())
			shared, own := found[int32(fds[0])], found[int32(fds[1])]
			// Our child is in the snapshot as one: it may not be, for the search to find it.
			snap.Processes = slices.DeleteFunc(snap.Processes, func(p socket.Process) bool { return p.ID.PID == child.PID })
			shared.Holders = slices.DeleteFunc(shared.Holders, func(h socket.Holder) bool { return h.Process.PID == child.PID })
			if err := s.Detail(t.Context(), snap, &socket.Questions{Holders: []*socket.Socket{shared, own}}); err != nil {
				t.Fatal(err)
			}
			var theirs *socket.Holder
			for i := range shared.Holders {
				if shared.Holders[i].Process.PID == child.PID {
					theirs = &shared.Holders[i]
				}
			}
			if theirs == nil || theirs.FD != 3 || !theirs.FlagsKnown || !theirs.Inheritable || len(shared.Holders) != 2 {
				t.Fatalf("holders %+v; want ours, and descriptor 3 of pid %d", shared.Holders, child.PID)
			}
			if p := snap.Process(theirs.Process); p == nil || p.Started.After(time.Now()) || time.Since(p.Started) > time.Hour {
				t.Errorf("the other holder is %+v; want to know when it was started", p)
			}
			if len(own.Holders) != 1 || !own.Holders[0].FlagsKnown || own.Holders[0].Inheritable {
				t.Errorf("holders of our own end: %+v", own.Holders)
			}
			complete := source == "bpf" || s.machine.fs.SeesAll() && allReadable(t, s) // where the kernel counts, all are found
			if shared.Has(socket.HasHolders) != complete || own.Has(socket.HasHolders) != complete {
				t.Errorf("complete: %v and %v, want %v", shared.Has(socket.HasHolders), own.Has(socket.HasHolders), complete)
			}
		})
	}
}

// A copy of a descriptor that is in flight is held by nobody: the kernel counts it,
// and the search is not complete.
func TestHoldersInFlight(t *testing.T) {
	s := scanner(t, "bpf", false)
	var pairs [2][2]int
	for i := range pairs {
		var err error
		pairs[i], err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		testkit.Must(err)
		defer unix.Close(pairs[i][0])
		defer unix.Close(pairs[i][1])
	}
	sent := pairs[0][0]
	testkit.Must(unix.Sendmsg(pairs[1][0], []byte("x"), unix.UnixRights(sent), nil, 0))
	snap := lookAt(t, s, os.Getpid())
	found := byFD(t, snap, os.Getpid())
	ask := []*socket.Socket{found[int32(sent)], found[int32(pairs[0][1])]}
	if err := s.Detail(t.Context(), snap, &socket.Questions{Holders: ask}); err != nil {
		t.Fatal(err)
	}
	if ask[0].Refs != 2 || ask[0].Has(socket.HasHolders) || ask[1].Refs != 1 || !ask[1].Has(socket.HasHolders) {
		t.Errorf("in flight: %d references, complete %v; the other end: %d, %v", ask[0].Refs, ask[0].Has(socket.HasHolders),
			ask[1].Refs, ask[1].Has(socket.HasHolders))
	}
}

// allReadable reports whether the descriptors of every process can be read; as
// root they can, but for what a security module protects.
func allReadable(t *testing.T, s *Scanner) bool {
	t.Helper()
	pids, err := s.machine.fs.PIDs()
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(pids, func(pid int) bool {
		_, err := s.machine.fs.SocketFDs(pid, func(int32, uint64) {})
		return err != nil && !errors.Is(err, fs.ErrNotExist)
	})
}

// Both ends of a socketpair, of whatever type, name each other; that nobody else
// has one is known where the kernel counts.
func TestPairsOfOneProcess(t *testing.T) {
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			var fds []int32
			for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
				pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
				testkit.Must(err)
				defer unix.Close(pair[0])
				defer unix.Close(pair[1])
				fds = append(fds, int32(pair[0]), int32(pair[1]))
			}
			snap := lookAt(t, s, os.Getpid())
			found := byFD(t, snap, os.Getpid())
			var q socket.Questions
			for _, fd := range fds {
				q.Holders = append(q.Holders, found[fd])
			}
			if err := s.Detail(t.Context(), snap, &q); err != nil {
				t.Fatal(err)
			}
			for i, end := range q.Holders {
				other := q.Holders[i^1]
				if end.UnixInfo.PeerInode != other.Inode || len(end.Holders) != 1 || source == "bpf" && !end.Has(socket.HasHolders) {
					t.Errorf("%v end: peer %d, want %d; holders %+v, complete %v", end.Type, end.UnixInfo.PeerInode, other.Inode,
						end.Holders, end.Has(socket.HasHolders))
				}
			}
		})
	}
}
