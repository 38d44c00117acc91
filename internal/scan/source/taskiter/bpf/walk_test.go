//go:build linux

package bpf

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestStates(t *testing.T) {
	p := open(t, Options{})
	client, server := pair(t)
	s := find(t, p, server)
	if s.State != socket.Established || s.NetNS != netns(t) || s.Cookie == 0 || s.UID != uint32(os.Getuid()) {
		t.Errorf("established: %+v", s.Socket)
	}
	c := find(t, p, client)
	if c.Local != s.Remote || c.Remote != s.Local || !c.Local.Addr().Is4() || c.Cookie == s.Cookie {
		t.Errorf("the two ends do not match: %+v, %+v", c.Socket, s.Socket)
	}
	if !c.TCP.Attempted || !s.TCP.Attempted || c.TCP.BytesAcked != 1 {
		t.Errorf("client %+v, server %+v", c.TCP, s.TCP)
	}

	_, err := unix.Write(client, []byte("hello"))
	must(t, err)
	must(t, unix.Shutdown(client, unix.SHUT_WR))
	await(t, p, client, "FIN_WAIT2", state(socket.FinWait2))
	s = await(t, p, server, "CLOSE_WAIT", state(socket.CloseWait))
	if s.RecvQ != 6 { // the FIN counts
		t.Errorf("receive queue %d, want 6", s.RecvQ)
	}
	buf := make([]byte, 16)
	_, err = unix.Read(server, buf[:4])
	must(t, err)
	if s := find(t, p, server); s.RecvQ != 2 {
		t.Errorf("receive queue %d with a byte and the FIN unread", s.RecvQ)
	}
	for n := 1; n > 0; {
		n, err = unix.Read(server, buf)
		must(t, err)
	}
	if s := find(t, p, server); s.RecvQ != 0 {
		t.Errorf("receive queue %d with nothing unread", s.RecvQ)
	}
	if s := find(t, p, server); s.TCP.BytesReceived != 5 && s.TCP.BytesReceived != 6 {
		t.Errorf("%d bytes received", s.TCP.BytesReceived)
	}
}

func TestStatesFilter(t *testing.T) {
	p := open(t, Options{States: socket.StateSet(socket.CloseWait)})
	client, server := pair(t)
	must(t, unix.Shutdown(client, unix.SHUT_WR))
	await(t, open(t, Options{}), server, "CLOSE_WAIT", state(socket.CloseWait))
	list := look(t, p, os.Getpid())
	if i := slices.IndexFunc(list, func(s seen) bool { return s.fd == server }); i < 0 {
		t.Error("the socket in CLOSE_WAIT is missing")
	}
	for _, s := range list {
		if s.State != socket.CloseWait {
			t.Errorf("descriptor %d is in %v", s.fd, s.State)
		}
	}
}

func TestBoundFilter(t *testing.T) {
	p := open(t, Options{States: socket.StateSet(socket.BoundInactive)})
	stream(t)
	fd := stream(t)
	must(t, unix.Bind(fd, loopback))
	list := look(t, p, os.Getpid())
	if len(list) != 1 || list[0].fd != fd || list[0].State != socket.BoundInactive {
		t.Errorf("seen: %+v", list)
	}
}

// TestOtherNetNS sees a socket of a namespace that this process is not in.
func TestOtherNetNS(t *testing.T) {
	p := open(t, Options{})
	type made struct {
		fd  int
		ns  uint64
		err error
	}
	done := make(chan made)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the function
		var m made
		if m.err = unix.Unshare(unix.CLONE_NEWNET); m.err == nil {
			m.ns = netns(t)
			m.fd, m.err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		}
		done <- m
	}()
	m := <-done
	if m.err != nil {
		t.Skipf("needs CAP_SYS_ADMIN for a network namespace: %v", m.err)
	}
	defer unix.Close(m.fd)
	if s := find(t, p, m.fd); s.NetNS != m.ns || m.ns == netns(t) {
		t.Errorf("namespace %d, want %d", s.NetNS, m.ns)
	}
}

func TestWalkEveryProcess(t *testing.T) {
	p := open(t, Options{})
	client, _ := pair(t)
	found := slices.ContainsFunc(look(t, p, 0), func(s seen) bool {
		return s.pid == os.Getpid() && s.fd == client
	})
	if !found {
		t.Error("this process's socket is missing among all")
	}
	if list := look(t, p, 1<<22); len(list) != 0 { // PID_MAX_LIMIT: no process has it
		t.Errorf("a process that does not exist has %d sockets", len(list))
	}
}

func TestRepeats(t *testing.T) {
	w, d := new(Program).Walker(), descriptor{}
	w.start()
	for i, step := range []struct {
		tgid, tid uint32
		files     uint64
		want      bool
	}{
		{10, 10, 1, false}, // a leader
		{10, 12, 1, true},  // one of its threads again, as before Linux 6.7
		{10, 11, 2, false}, // a thread with a table of its own
		{20, 22, 5, false}, // a thread without its leader
		{20, 22, 5, false}, // its next descriptor
		{10, 23, 3, false}, // another process's in between
		{20, 24, 5, true},  // shares the table
		{20, 24, 5, true},
		{20, 25, 6, false}, // does not
		{30, 30, 5, false}, // another process, the table's memory used again
	} {
		d.tgid, d.tid, d.files = step.tgid, step.tid, step.files
		if got := w.repeats(&d); got != step.want {
			t.Errorf("step %d: got %v", i, got)
		}
	}
}

func TestWalkStops(t *testing.T) {
	p := open(t, Options{})
	pair(t)
	calls, stop := 0, errors.New("stop")
	err := p.Walker().Walk(context.Background(), os.Getpid(), func(Descriptor, *socket.Socket) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = p.Walker().Walk(ctx, os.Getpid(), func(Descriptor, *socket.Socket) error {
		t.Error("called after the context was cancelled")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := p.Walker().Walk(context.Background(), -1, nil); !errors.Is(err, unix.EINVAL) {
		t.Errorf("process -1: %v", err)
	}
}

// TestNothingStaysBehind counts this process's descriptors: programs, links,
// iterators and BTF all live only as such.
func TestNothingStaysBehind(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		must(t, err)
		return len(entries)
	}
	open(t, Options{}).Close()
	before := count()
	for range 3 {
		p := open(t, Options{})
		look(t, p, os.Getpid())
		look(t, p, 0)
		stop := errors.New("stop")
		_ = p.Walker().Walk(context.Background(), 0, func(Descriptor, *socket.Socket) error { return stop })
		must(t, p.Close())
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
