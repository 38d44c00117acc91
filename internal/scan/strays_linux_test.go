package scan

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// strays makes sockets in the network namespace of the process in its
// argument, and lives in its own.
func strays(args []string) any {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	testkit.Must(err)
	there, err := os.Open("/proc/" + args[0] + "/ns/net")
	testkit.Must(err)
	testkit.Must(unix.Setns(int(there.Fd()), unix.CLONE_NEWNET))
	z := &zoo{}
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Listen(l, 1)) // on any address: loopback is down there
	z.keep("listen", l)
	u := open(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	z.keep("unix new", u)
	d := open(unix.AF_INET, unix.SOCK_DGRAM, 0)
	testkit.Must(unix.Bind(d, &unix.SockaddrInet4{}))
	z.keep("udp bound", d)
	z.keep("new", open(unix.AF_INET, unix.SOCK_STREAM, 0))
	testkit.Must(unix.Setns(int(home.Fd()), unix.CLONE_NEWNET))
	return z
}

// share waits: it is the home of a namespace, or a process with a descriptor
// of somebody else's socket.
func share([]string) any { return struct{}{} }

// Sockets that were made in another namespace are found in its tables, with
// and without the privilege to enter it.
func TestSocketsOfOtherNamespaces(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var none struct{}
	home := testkit.Spawn(t, &none, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "share")
	var z zoo
	child := testkit.Spawn(t, &z, nil, "strays", strconv.Itoa(home.PID))
	for _, source := range []string{"bpf", "sockdiag", "procfs"} {
		snap := lookAt(t, scanner(t, source, false), child.PID)
		found := byFD(t, snap, child.PID)
		for _, a := range z.Animals {
			want := explained(source, a.Kind, truths()[a.Kind])
			if s := found[a.FD]; s == nil || s.State != want.state || s.Presence != want.presence {
				t.Errorf("%s: %s: %+v; want %+v", source, a.Kind, s, want)
			}
		}
		if own := snap.Processes[0].NetNS; found[z.Animals[0].FD].NetNS == own || own == 0 {
			t.Errorf("%s: the listener is told to live in the process's own namespace, %d", source, own)
		}
	}
}

// A namespace that no process lives in cannot be searched: only a duplicate of
// the descriptor tells. A UNIX socket is known to be in none of ours.
func TestSocketsOfLostNamespace(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var none struct{}
	home := testkit.Spawn(t, &none, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "share")
	var z zoo
	child := testkit.Spawn(t, &z, nil, "strays", strconv.Itoa(home.PID))
	home.Stop()
	found := byFD(t, lookAt(t, scanner(t, "sockdiag", false), child.PID), child.PID)
	for i, want := range []socket.Presence{socket.NotInTable, socket.OtherNetNS, socket.Unattached, socket.NotInTable} {
		if s := found[z.Animals[i].FD]; s.Presence != want {
			t.Errorf("%s: %v, want %v", z.Animals[i].Kind, s.Presence, want)
		}
	}
	found = byFD(t, lookAt(t, scanner(t, "sockdiag", true), child.PID), child.PID)
	for _, a := range z.Animals {
		want := truths()[a.Kind]
		if s := found[a.FD]; s.State != want.state || s.Presence != want.presence || s.Cookie != a.Cookie || s.NetNS == 0 {
			t.Errorf("duplicate of %s: %+v; want %+v", a.Kind, s, want)
		}
	}
}

// --port finds a listener in a container's namespace.
func TestPortInOtherNamespace(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var z zoo
	child := testkit.Spawn(t, &z, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "strays", "self")
	s := scanner(t, "", false)
	snap, err := s.Look(t.Context(), Target{Ports: []uint16{z.Animals[0].Local.Port()}})
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Processes) != 1 || snap.Processes[0].ID.PID != child.PID {
		t.Errorf("found %+v, want pid %d", snap.Processes, child.PID)
	}
}
