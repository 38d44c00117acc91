//go:build linux

package proc

import (
	"errors"
	"net"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// live returns the proc file system of this machine.
func live(t testing.TB) FS {
	t.Helper()
	fs, err := New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// sockets returns the socket descriptors of a process.
func sockets(t *testing.T, fs FS, pid int) map[int32]uint64 {
	t.Helper()
	got := map[int32]uint64{}
	if _, err := fs.SocketFDs(pid, func(fd int32, inode uint64) { got[fd] = inode }); err != nil {
		t.Fatal(err)
	}
	return got
}

// inodeOf returns the inode of one of our own descriptors, by fstat(2).
func inodeOf(t *testing.T, fd int) uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}

// socketPair returns two connected UNIX sockets.
func socketPair(t *testing.T, flags int) [2]int {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds
}

func TestSocketFDsOfOurselves(t *testing.T) {
	fs := live(t)
	before := sockets(t, fs, os.Getpid())
	pair := socketPair(t, unix.SOCK_CLOEXEC)
	want := map[int32]uint64{}
	for fd, inode := range before {
		want[fd] = inode
	}
	for _, fd := range pair {
		want[int32(fd)] = inodeOf(t, fd)
	}
	if diff := cmp.Diff(want, sockets(t, fs, os.Getpid())); diff != "" {
		t.Errorf("socket descriptors differ from fstat (-want +got):\n%s", diff)
	}
}

func TestFDFlags(t *testing.T) {
	fs := live(t)
	for _, want := range []bool{true, false} {
		flags := 0
		if want {
			flags = unix.SOCK_CLOEXEC
		}
		pair := socketPair(t, flags)
		got, err := fs.FDFlags(os.Getpid(), int32(pair[0]), inodeOf(t, pair[0]))
		if err != nil || got != want {
			t.Errorf("cloexec = %v, %v; want %v", got, err, want)
		}
	}
	pair := socketPair(t, 0)
	if _, err := fs.FDFlags(os.Getpid(), int32(pair[0]), inodeOf(t, pair[1])); !errors.Is(err, ErrClosed) {
		t.Errorf("flags of a reused descriptor: %v; want ErrClosed", err)
	}
	if _, err := fs.FDFlags(os.Getpid(), 1<<20, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("flags of a closed descriptor: %v; want ErrClosed", err)
	}
}

func TestGone(t *testing.T) {
	fs := live(t)
	const pid = 1 << 22 // one above PID_MAX_LIMIT of include/linux/threads.h
	_, processErr := fs.Process(pid)
	_, startErr := fs.Start(pid)
	_, fdErr := fs.SocketFDs(pid, func(int32, uint64) {})
	_, flagsErr := fs.FDFlags(pid, 0, 1)
	for name, err := range map[string]error{
		"Process": processErr, "Start": startErr, "SocketFDs": fdErr, "FDFlags": flagsErr,
		"NetTCP": fs.NetTCP(pid, nil),
	} {
		if !errors.Is(err, ErrGone) || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v; want ErrGone", name, err)
		}
	}
}

// tcpPair returns the two ends of a TCP connection over loopback.
func tcpPair(t testing.TB, network string) (client, server *net.TCPConn, ln net.Listener) {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "tcp6" {
		addr = "[::1]:0"
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	dialed, err := net.Dial(network, ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialed.Close(); accepted.Close(); ln.Close() })
	return dialed.(*net.TCPConn), accepted.(*net.TCPConn), ln
}
