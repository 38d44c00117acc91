//go:build linux

package proc

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// children are the processes that the tests look at, by name.
func children() testkit.Children {
	return testkit.Children{
		"hold":        func([]string) any { return heldPair() },
		"dead-leader": deadLeader,
		"listen":      listen,
		"view":        view,
		"block":       block,
		"epoll":       func([]string) any { return watchedPair() },
	}
}

func TestMain(m *testing.M) { testkit.Main(m, children()) }

// pair is a pair of connected UNIX sockets of a child.
type pair struct {
	FDs    [2]int32
	Inodes [2]uint64
}

func heldPair() pair {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	testkit.Must(err)
	var p pair
	for i, fd := range fds {
		var st unix.Stat_t
		testkit.Must(unix.Fstat(fd, &st))
		p.FDs[i], p.Inodes[i] = int32(fd), st.Ino
	}
	return p
}

// listener is the answer of a child with a pair of sockets and a listener.
type listener struct {
	pair
	Addr string
}

func listen([]string) any {
	// A plain descriptor, which no garbage collector closes, on any address,
	// since loopback is down in a new network namespace.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	testkit.Must(unix.Listen(fd, 1))
	addr, err := unix.Getsockname(fd)
	testkit.Must(err)
	port := uint16(addr.(*unix.SockaddrInet4).Port)
	return listener{heldPair(), netip.AddrPortFrom(netip.IPv4Unspecified(), port).String()}
}

// leaderless is the answer of a child whose thread leader then ends.
type leaderless struct{ listener }

func deadLeader(args []string) any {
	if unix.Gettid() != os.Getpid() {
		panic("the main goroutine has left the main thread")
	}
	return leaderless{listen(args).(listener)}
}

// After ends the thread leader, and only it: exit(2) ends a thread.
func (l leaderless) After() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_, _, _ = unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
}

// sight is what a child sees of another process.
type sight struct {
	Total      int
	Sockets    map[int32]uint64
	Err        string
	Denied     bool
	ReadLink   string // error of readlink on the first socket
	FDs        int
	NetNS      uint64
	Exe        string
	TCP        []string // local addresses in its net/tcp
	ThreadsErr string
	SeesAll    bool
}

// view looks at the process with the pid and the descriptor given.
func view(args []string) any {
	pid, err := strconv.Atoi(args[0])
	testkit.Must(err)
	fs, err := New("/proc")
	testkit.Must(err)
	s := sight{Sockets: map[int32]uint64{}}
	s.Total, err = fs.SocketFDs(pid, func(fd int32, inode uint64) { s.Sockets[fd] = inode })
	if err != nil {
		s.Err, s.Denied = err.Error(), errors.Is(err, os.ErrPermission)
	}
	if _, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, args[1])); err != nil {
		s.ReadLink = err.Error()
	}
	p, err := fs.Process(pid)
	testkit.Must(err)
	s.FDs, s.NetNS, s.Exe = p.FDs, p.NetNS, p.Exe
	s.TCP, s.SeesAll = localAddrs(fs, pid), fs.SeesAll()
	if _, err := fs.BlockedThreads(pid); err != nil {
		s.ThreadsErr = err.Error()
	}
	return s
}
