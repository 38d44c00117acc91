//go:build linux

package proc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary is also the processes that the tests look at: with
// childVariable set it runs one of the children below in place of the tests.
const childVariable = "PROCFS_TEST_CHILD"

// children are the programs, by name. Each prints one line of JSON when it is
// ready, and stays until its standard input ends.
func children() map[string]func(args []string) any {
	return map[string]func([]string) any{
		"hold":        func([]string) any { return heldPair() },
		"dead-leader": deadLeader,
		"listen":      listen,
		"view":        view,
		"block":       block,
		"epoll":       func([]string) any { return watchedPair() },
	}
}

func TestMain(m *testing.M) {
	name := os.Getenv(childVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	answer := children()[name](os.Args[1:])
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		panic(err)
	}
	if answer, ok := answer.(interface{ after() }); ok {
		answer.after()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// spawn starts a child and decodes its answer. The child ends with the test.
// It is started through /proc/self/exe, since a child of another user may not
// search the directory of the test binary.
func spawn(t testing.TB, answer any, attr *syscall.SysProcAttr, name string, args ...string) int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = attr
	return spawnCommand(t, answer, cmd, name)
}

// spawnCommand is spawn for a command that runs the test binary.
func spawnCommand(t testing.TB, answer any, cmd *exec.Cmd, name string) int {
	t.Helper()
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Process.Kill() // it may have a reason not to end by itself
		_ = cmd.Wait()
	})
	if err := json.NewDecoder(stdout).Decode(answer); err != nil {
		t.Fatalf("child %s: %v", name, err)
	}
	return cmd.Process.Pid
}

// needRoot skips a test that starts processes of another user.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to start processes of another user or in another network namespace")
	}
}

// nobody runs a child as another user with no capability but those given.
func nobody(caps ...uintptr) *syscall.SysProcAttr {
	const uid = 65534
	return &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: uid, Gid: uid},
		AmbientCaps: caps,
	}
}

// pair is a pair of connected UNIX sockets of a child.
type pair struct {
	FDs    [2]int32
	Inodes [2]uint64
}

func heldPair() pair {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(err)
	var p pair
	for i, fd := range fds {
		var st unix.Stat_t
		must(unix.Fstat(fd, &st))
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
	must(err)
	must(unix.Listen(fd, 1))
	addr, err := unix.Getsockname(fd)
	must(err)
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

// after ends the thread leader, and only it: exit(2) ends a thread.
func (l leaderless) after() {
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
	must(err)
	fs, err := New("/proc")
	must(err)
	s := sight{Sockets: map[int32]uint64{}}
	s.Total, err = fs.SocketFDs(pid, func(fd int32, inode uint64) { s.Sockets[fd] = inode })
	if err != nil {
		s.Err, s.Denied = err.Error(), errors.Is(err, os.ErrPermission)
	}
	if _, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, args[1])); err != nil {
		s.ReadLink = err.Error()
	}
	p, err := fs.Process(pid)
	must(err)
	s.FDs, s.NetNS, s.Exe = p.FDs, p.NetNS, p.Exe
	s.TCP, s.SeesAll = localAddrs(fs, pid), fs.SeesAll()
	if _, err := fs.BlockedThreads(pid); err != nil {
		s.ThreadsErr = err.Error()
	}
	return s
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
