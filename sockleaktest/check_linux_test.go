package sockleaktest_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/sockleaktest"
)

// TestMain verifies this package with itself, and stands in for a package
// whose tests leak.
func TestMain(m *testing.M) {
	switch os.Getenv("SOCKLEAKTEST_ROLE") {
	case "leaks":
		sockleaktest.VerifyTestMain(runs(func() int { keep(net.Listen("tcp", "127.0.0.1:0")); return 0 }), sockleaktest.Settle(0))
	case "fails":
		sockleaktest.VerifyTestMain(runs(func() int { keep(net.Listen("tcp", "127.0.0.1:0")); return 7 }), sockleaktest.Settle(0))
	case "old":
		keep(net.Listen("tcp", "127.0.0.1:0"))
		sockleaktest.VerifyTestMain(runs(func() int { return 0 }), sockleaktest.Settle(0))
	case "cleanup":
		sockleaktest.VerifyTestMain(runs(func() int { return 0 }),
			sockleaktest.Cleanup(func(code int) { fmt.Println("tidied up"); os.Exit(code + 5) }))
	default:
		sockleaktest.VerifyTestMain(m)
	}
}

type runs func() int

func (r runs) Run() int { return r() }

// keep leaks a listener, out of reach of the garbage collector.
func keep(l net.Listener, err error) {
	if err != nil {
		panic(err)
	}
	go func() { l.Accept() }() // holds it
}

// spy is a TestingT that remembers.
type spy struct{ errors, logs []string }

func (s *spy) Error(args ...any) { s.errors = append(s.errors, fmt.Sprint(args...)) }
func (s *spy) Log(args ...any)   { s.logs = append(s.logs, fmt.Sprint(args...)) }
func (s *spy) text() string      { return strings.Join(s.errors, "\n") }

// closing closes what a test leaked on purpose.
func closing(t *testing.T, c io.Closer) { t.Cleanup(func() { c.Close() }) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, l)
	return l
}

// pair returns both ends of a connection.
func pair(t *testing.T) (client, server *net.TCPConn) {
	t.Helper()
	l := listen(t)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	closing(t, c)
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	l.Close()
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

func raw(t *testing.T, family, kind int) {
	t.Helper()
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
}

// waitReadable waits until data has arrived, without reading it.
func waitReadable(t *testing.T, c *net.TCPConn) {
	t.Helper()
	rc, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	peek := func(fd uintptr) bool {
		n, _, _ := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		return n > 0
	}
	if err := rc.Read(peek); err != nil {
		t.Fatal(err)
	}
}

// TestReusedDescriptor: a new socket under an old number is new.
func TestReusedDescriptor(t *testing.T) {
	l := listen(t)
	current := sockleaktest.IgnoreCurrent()
	before, err := sockleaktest.Find(sockleaktest.Settle(0))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	listen(t)
	left, err := sockleaktest.Find(current, sockleaktest.Settle(0))
	if err != nil || len(left) != 1 {
		t.Fatalf("%v, %v; want the new listener", left, err)
	}
	if left[0].FD != before[len(before)-1].FD {
		t.Errorf("the descriptor is %d, not the old %d: nothing was tested", left[0].FD, before[len(before)-1].FD)
	}
}

func TestSettle(t *testing.T) {
	current := sockleaktest.IgnoreCurrent()
	l := listen(t)
	time.AfterFunc(100*time.Millisecond, func() { l.Close() })
	begin := time.Now()
	var got spy
	sockleaktest.VerifyNone(&got, current, sockleaktest.Settle(time.Minute))
	if len(got.errors) > 0 {
		t.Error(got.text())
	}
	if time.Since(begin) > 30*time.Second {
		t.Error("it did not end when the last socket was closed")
	}
}

func TestVerifyTestMain(t *testing.T) {
	for _, tc := range []struct {
		role string
		code int
		says string
	}{
		{"leaks", 1, "tcp LISTEN"},
		{"fails", 7, ""},
		{"old", 0, ""},
		{"cleanup", 5, "tidied up"},
	} {
		t.Run(tc.role, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "SOCKLEAKTEST_ROLE="+tc.role)
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != tc.code || !strings.Contains(string(out), tc.says) {
				t.Errorf("exit code %d, want %d; says %q, want %q", got, tc.code, out, tc.says)
			}
		})
	}
}
