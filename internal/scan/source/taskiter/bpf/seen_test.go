//go:build linux

package bpf

import (
	"context"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestPendingError: a reset waits in the socket until a system call has
// returned it.
func TestPendingError(t *testing.T) {
	p := open(t, Options{})
	if client, _ := pair(t); find(t, p, client).Err != 0 {
		t.Error("a connection without an error has one")
	}
	fd := resetAfter(t, false)
	s := await(t, p, fd, "CLOSE", state(socket.Close))
	if !s.Has(socket.HasErr) || s.Err != uint32(unix.ECONNRESET) {
		t.Errorf("the reset was not read: error %d, facts %b", s.Err, s.Facts)
	}
	if s := find(t, p, fd); s.Err != uint32(unix.ECONNRESET) {
		t.Error("looking has consumed the error")
	}
	if _, err := unix.Read(fd, make([]byte, 1)); err != unix.ECONNRESET {
		t.Fatalf("read: %v", err)
	}
	if s := find(t, p, fd); !s.Has(socket.HasErr) || s.Err != 0 {
		t.Errorf("the reset was read: error %d, facts %b", s.Err, s.Facts)
	}
}

// TestTimeouts: SO_RCVTIMEO and SO_SNDTIMEO, each by itself.
func TestTimeouts(t *testing.T) {
	p := open(t, Options{})
	fd, _ := pair(t)
	check := func(read, write bool) {
		t.Helper()
		if s := find(t, p, fd); !s.Has(socket.HasTimeouts) || s.ReadTimeout != read || s.WriteTimeout != write {
			t.Errorf("time-outs %v, %v, facts %b; want %v, %v", s.ReadTimeout, s.WriteTimeout, s.Facts, read, write)
		}
	}
	check(false, false)
	must(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 9}))
	check(true, false)
	must(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{}))
	must(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 9}))
	check(false, true)
}

// TestCloseOnExec: FD_CLOEXEC belongs to the descriptor, not to the socket.
func TestCloseOnExec(t *testing.T) {
	p := open(t, Options{})
	closing := own(t, unix.AF_INET, unix.SOCK_STREAM, 0) // SOCK_CLOEXEC
	staying, err := unix.Dup(closing)
	must(t, err)
	defer unix.Close(staying)
	far := 300 // in another word of the bitmap
	must(t, unix.Dup3(closing, far, unix.O_CLOEXEC))
	defer unix.Close(far)
	for fd, want := range map[int]bool{closing: true, staying: false, far: true} {
		if d := find(t, p, fd).d; !d.FlagsKnown || d.CloseOnExec != want {
			t.Errorf("descriptor %d: %+v, want %v", fd, d, want)
		}
	}
	_, err = unix.FcntlInt(uintptr(far), unix.F_SETFD, 0)
	must(t, err)
	if d := find(t, p, far).d; d.CloseOnExec {
		t.Errorf("FD_CLOEXEC is taken away: %+v", d)
	}
}

// epollSet returns an epoll set that has the descriptor, with data.
func epollSet(t *testing.T, fd int, events uint32, data uint64) int {
	t.Helper()
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	must(t, err)
	t.Cleanup(func() { unix.Close(set) })
	event := unix.EpollEvent{Events: events, Fd: int32(uint32(data)), Pad: int32(uint32(data >> 32))}
	must(t, unix.EpollCtl(set, unix.EPOLL_CTL_ADD, fd, &event))
	return set
}

// TestEpollItems has a socket in two epoll sets, and tells which.
func TestEpollItems(t *testing.T) {
	p := open(t, Options{})
	fd, other := pair(t)
	const data = 0xfedcba9876543210
	set := epollSet(t, fd, unix.EPOLLIN|unix.EPOLLET, data)
	epollSet(t, fd, unix.EPOLLOUT, 7)
	if s := find(t, p, other); !s.Has(socket.HasEpolls) || len(s.Epolls) != 0 {
		t.Errorf("in no set: %+v", s.Epolls)
	}
	s := find(t, p, fd)
	at := slices.IndexFunc(s.Epolls, func(e socket.EpollItem) bool { return e.Data == data })
	if !s.Has(socket.HasEpolls) || len(s.Epolls) != 2 || at < 0 {
		t.Fatalf("in two sets: %+v, facts %b", s.Epolls, s.Facts)
	}
	item := s.Epolls[at] // the kernel adds these two (ep_insert)
	if item.Events&^(unix.EPOLLERR|unix.EPOLLHUP) != unix.EPOLLIN|unix.EPOLLET || int(item.FD) != fd {
		t.Errorf("registered as %+v", item)
	}
	w := p.Walker()
	must(t, w.Walk(context.Background(), os.Getpid(), func(Descriptor, *socket.Socket) error { return nil }))
	if !slices.Contains(w.AnonFiles(), AnonFile{TGID: os.Getpid(), FD: int32(set), Data: item.Set}) {
		t.Errorf("set %x is not that of descriptor %d: %+v", item.Set, set, w.AnonFiles())
	}
	must(t, unix.EpollCtl(set, unix.EPOLL_CTL_DEL, fd, nil))
	if s := find(t, p, fd); len(s.Epolls) != 1 || s.Epolls[0].Data != 7 {
		t.Errorf("removed from one: %+v", s.Epolls)
	}
}

// TestManyEpollSets: beyond the bound, it is said that there are more.
func TestManyEpollSets(t *testing.T) {
	p := open(t, Options{})
	fd, _ := pair(t)
	const most = 64 // MAX_ITEMS of iter.bpf.c
	for i := range most {
		epollSet(t, fd, unix.EPOLLIN, uint64(i))
	}
	if s := find(t, p, fd); len(s.Epolls) != most || !s.Has(socket.HasEpolls) {
		t.Errorf("%d of %d registrations, facts %b", len(s.Epolls), most, s.Facts)
	}
	epollSet(t, fd, unix.EPOLLIN, most)
	if s := find(t, p, fd); len(s.Epolls) != most || s.Has(socket.HasEpolls) || !s.Watched {
		t.Errorf("one more: %d registrations, facts %b", len(s.Epolls), s.Facts)
	}
}

// TestDataSegments compares with what the socket itself says (TCP_INFO).
func TestDataSegments(t *testing.T) {
	p := open(t, Options{})
	client, server := pair(t)
	for range 3 {
		_, err := unix.Write(client, []byte("request"))
		must(t, err)
		_, err = unix.Read(server, make([]byte, 16))
		must(t, err)
	}
	for _, fd := range []int{client, server} {
		s := find(t, p, fd)
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		must(t, err)
		if !s.Has(socket.HasDataSegs) || s.TCP.DataSegsIn != info.Data_segs_in || s.TCP.DataSegsOut != info.Data_segs_out || s.TCP.DataSegsIn+s.TCP.DataSegsOut != 3 {
			t.Errorf("%d in, %d out; want %d, %d", s.TCP.DataSegsIn, s.TCP.DataSegsOut, info.Data_segs_in, info.Data_segs_out)
		}
	}
}
