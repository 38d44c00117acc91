//go:build linux

package proc

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// look runs the view child with the rights given on a process of root.
func look(t *testing.T, attr *syscall.SysProcAttr) (seen sight, truth map[int32]uint64) {
	t.Helper()
	testkit.NeedRoot(t, "start processes of another user or in another network namespace")
	var held pair
	pid := testkit.Spawn(t, &held, nil, "hold").PID
	testkit.Spawn(t, &seen, attr, "view", fmt.Sprint(pid), fmt.Sprint(held.FDs[0]))
	truth = sockets(t, live(t), pid) // as root sees it
	for i, fd := range held.FDs {
		if truth[fd] != held.Inodes[i] {
			t.Fatalf("root sees %v; the child holds %v", truth, held)
		}
	}
	return seen, truth
}

func TestOtherUserWithoutRights(t *testing.T) {
	seen, _ := look(t, testkit.Nobody())
	if !seen.Denied || len(seen.Sockets) != 0 {
		t.Errorf("saw %v, error %q; want permission denied", seen.Sockets, seen.Err)
	}
	if seen.ThreadsErr == "" {
		t.Error("the threads of another user's process could be read")
	}
	ours, err := live(t).NetNS(os.Getpid())
	if seen.Exe != "" || seen.NetNS != ours || err != nil {
		t.Errorf("exe %q, netns %d; want unknown, and our own, %d (%v)", seen.Exe, seen.NetNS, ours, err)
	}
	if seen.FDs <= 0 {
		t.Errorf("number of descriptors %d; the size of /proc/PID/fd tells it without privilege since Linux 6.2", seen.FDs)
	}
}

// CAP_SYS_PTRACE alone does not open /proc/PID/fd, but fdinfo.
func TestOtherUserWithPtraceOnly(t *testing.T) {
	seen, truth := look(t, testkit.Nobody(unix.CAP_SYS_PTRACE))
	if seen.ReadLink == "" {
		t.Error("readlink on fd/N worked: the test is about fdinfo")
	}
	if diff := cmp.Diff(truth, seen.Sockets); diff != "" || seen.Err != "" || seen.Total <= len(truth) {
		t.Errorf("%d descriptors, error %q, sockets -want +got:\n%s", seen.Total, seen.Err, diff)
	}
	if seen.Exe == "" || seen.NetNS == 0 {
		t.Errorf("exe %q, netns %d", seen.Exe, seen.NetNS)
	}
	if seen.ThreadsErr == "" {
		t.Error("threads could be read, so CAP_DAC_READ_SEARCH is not needed for them")
	}
}

func TestOtherUserWithPtraceAndReadSearch(t *testing.T) {
	seen, truth := look(t, testkit.Nobody(unix.CAP_SYS_PTRACE, unix.CAP_DAC_READ_SEARCH))
	if diff := cmp.Diff(truth, seen.Sockets); diff != "" || seen.ReadLink != "" || seen.ThreadsErr != "" {
		t.Errorf("threads %q, readlink %q, sockets -want +got:\n%s", seen.ThreadsErr, seen.ReadLink, diff)
	}
}

// The TCP table of another network namespace needs no privilege; ours shows
// nothing of it.
func TestOtherNetworkNamespace(t *testing.T) {
	testkit.NeedRoot(t, "start processes of another user or in another network namespace")
	fs := live(t)
	var child listener
	pid := testkit.Spawn(t, &child, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "listen").PID
	var seen sight
	testkit.Spawn(t, &seen, testkit.Nobody(), "view", fmt.Sprint(pid), "0")
	if !slices.Contains(seen.TCP, child.Addr) {
		t.Errorf("listener %s is not in %v", child.Addr, seen.TCP)
	}
	if seen.NetNS != 0 {
		t.Errorf("namespace %d without the right to see which; want unknown", seen.NetNS)
	}
	if slices.Contains(localAddrs(fs, os.Getpid()), child.Addr) {
		t.Errorf("listener %s is in our own table", child.Addr)
	}
	ours, err := fs.Namespace(os.Getpid())
	if err != nil || ours.EphemeralHigh <= ours.EphemeralLow || ours.FinTimeout <= 0 {
		t.Errorf("our namespace %+v, %v", ours, err)
	}
	theirs, err := fs.Namespace(pid)
	if err != nil || theirs.ID == ours.ID || theirs.EphemeralHigh != 0 || theirs.FinTimeout != 0 {
		t.Errorf("their namespace %+v, %v; want only an id", theirs, err)
	}
}
