package sockleaktest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	go func() { l.Accept() }() // holds it for ever
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

// TestNames: each kind of socket is found, and named as what it is.
func TestNames(t *testing.T) {
	for _, tc := range []struct {
		name string
		open func(*testing.T)
		want []string
	}{
		{"listener", func(t *testing.T) { listen(t) }, []string{"found 1 socket", "tcp LISTEN 127.0.0.1:", "server.Close()"}},
		{"listener on all addresses", func(t *testing.T) {
			l, err := net.Listen("tcp", ":0")
			if err != nil {
				t.Fatal(err)
			}
			closing(t, l)
		}, []string{"tcp LISTEN [::]:"}},
		{"connection", func(t *testing.T) { pair(t) }, []string{"found 2 sockets", "tcp ESTABLISHED 127.0.0.1:", " -> 127.0.0.1:", "CloseIdleConnections"}},
		{"unread", func(t *testing.T) {
			c, s := pair(t)
			c.Write([]byte("hello"))
			s.SetReadDeadline(time.Now().Add(10 * time.Second))
			waitReadable(t, s)
		}, []string{"5 bytes unread"}},
		{"peer closed", func(t *testing.T) {
			c, s := pair(t)
			c.Close()
			if _, err := s.Read(make([]byte, 1)); err != io.EOF {
				t.Fatal(err)
			}
		}, []string{"found 1 socket", "tcp CLOSE_WAIT 127.0.0.1:", "the peer has closed"}},
		{"half closed", func(t *testing.T) {
			c, s := pair(t)
			c.CloseWrite()
			if _, err := s.Read(make([]byte, 1)); err != io.EOF {
				t.Fatal(err)
			}
		}, []string{"tcp FIN_WAIT", "CloseWrite does not close"}},
		{"reset", func(t *testing.T) {
			c, s := pair(t)
			c.SetLinger(0)
			c.Close()
			s.Read(make([]byte, 1))
		}, []string{"tcp CLOSE", "was reset"}},
		{"never connected", func(t *testing.T) { raw(t, unix.AF_INET, unix.SOCK_STREAM) }, []string{"tcp CLOSE", "never connected"}},
		{"udp", func(t *testing.T) {
			c, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			closing(t, c)
		}, []string{"udp 127.0.0.1:", "close it"}},
		{"unix", func(t *testing.T) {
			l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
			if err != nil {
				t.Fatal(err)
			}
			closing(t, l)
		}, []string{`unix LISTEN "/`, `/s"`}},
		{"netlink", func(t *testing.T) { raw(t, unix.AF_NETLINK, unix.SOCK_RAW) }, []string{"netlink"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			current := sockleaktest.IgnoreCurrent()
			tc.open(t)
			var got spy
			sockleaktest.VerifyNone(&got, current, sockleaktest.Settle(0))
			for _, want := range tc.want {
				if !strings.Contains(got.text(), want) {
					t.Errorf("no %q in %q", want, got.text())
				}
			}
		})
	}
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

func TestOptions(t *testing.T) {
	current := sockleaktest.IgnoreCurrent()
	l := listen(t)
	addr := l.Addr().String()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, c)
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	client := c.LocalAddr().String()
	_, port, _ := strings.Cut(addr, ":")
	for _, tc := range []struct {
		name string
		opts []sockleaktest.Option
		left int // of listener, client's end, server's end
	}{
		{"none", nil, 3},
		{"peer", []sockleaktest.Option{sockleaktest.IgnorePeer(addr)}, 2},
		{"peer port", []sockleaktest.Option{sockleaktest.IgnorePeer(":" + port)}, 2},
		{"peer host", []sockleaktest.Option{sockleaktest.IgnorePeer("127.0.0.1")}, 1},
		{"peer mapped host", []sockleaktest.Option{sockleaktest.IgnorePeer("::ffff:127.0.0.1")}, 1},
		{"peer network", []sockleaktest.Option{sockleaktest.IgnorePeer("127.0.0.0/8")}, 1},
		{"another peer", []sockleaktest.Option{sockleaktest.IgnorePeer("192.0.2.1")}, 3},
		{"listener", []sockleaktest.Option{sockleaktest.IgnoreListener(addr)}, 1},
		{"listener and peer", []sockleaktest.Option{sockleaktest.IgnoreListener(addr), sockleaktest.IgnorePeer(addr)}, 0},
		{"both peers", []sockleaktest.Option{sockleaktest.IgnorePeer(addr), sockleaktest.IgnorePeer(client)}, 1},
		{"current", []sockleaktest.Option{sockleaktest.IgnoreCurrent()}, 0},
		{"func", []sockleaktest.Option{sockleaktest.IgnoreFunc(func(s sockleaktest.Socket) bool { return s.State == "LISTEN" })}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			left, err := sockleaktest.Find(append(tc.opts, current, sockleaktest.Settle(0))...)
			if err != nil {
				t.Fatal(err)
			}
			if len(left) != tc.left {
				t.Errorf("%d sockets left, want %d: %v", len(left), tc.left, left)
			}
		})
	}
}

func TestBadAddress(t *testing.T) {
	for _, addr := range []string{"", "localhost:80", ":", ":99999", "1.2.3.4:x", "1.2.3.0/99"} {
		var got spy
		sockleaktest.VerifyNone(&got, sockleaktest.IgnorePeer(addr))
		if !strings.Contains(got.text(), "is no address") {
			t.Errorf("IgnorePeer(%q) reports %q", addr, got.text())
		}
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

// TestHTTP: the two leaks that Go programs have most often, and their fixes.
func TestHTTP(t *testing.T) {
	current := sockleaktest.IgnoreCurrent()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) }))
	client := &http.Client{Transport: &http.Transport{}}
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	left, err := sockleaktest.Find(current, sockleaktest.IgnoreListener(server.Listener.Addr().String()), sockleaktest.Settle(0))
	if err != nil || len(left) != 1 || left[0].Remote.String() != server.Listener.Addr().String() {
		t.Errorf("open: %v, %v; want the client's connection", left, err)
	}
	resp.Body.Close()
	client.CloseIdleConnections()
	server.Close()
	sockleaktest.VerifyNone(t, current)
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

// TestImports: whoever uses the helper gets no third-party package with it.
func TestImports(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
		cmd.Env = append(os.Environ(), "GOOS="+goos)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range strings.Fields(string(out)) {
			if !strings.HasPrefix(path, "github.com/sockleak/sockleak/") && !strings.HasPrefix(path, "golang.org/x/sys/") {
				t.Errorf("on %s it imports %s", goos, path)
			}
		}
	}
}
