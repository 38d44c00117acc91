package sockleaktest_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/sockleaktest"
)

// serving is a server and a client, and what was open before both.
type serving struct {
	server  *httptest.Server
	client  *http.Client
	current sockleaktest.Option
}

// serve starts a server whose answers have a size.
func serve(t *testing.T, size int) serving {
	t.Helper()
	current := sockleaktest.IgnoreCurrent()
	s := serving{
		server:  httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, size)) })),
		client:  &http.Client{Transport: &http.Transport{}},
		current: current,
	}
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		s.client.CloseIdleConnections()
		s.server.Close()
	})
	return s
}

// get leaves the body of a response open until the test is over.
func (s serving) get(t *testing.T) *http.Response {
	t.Helper()
	resp, err := s.client.Get(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, resp.Body)
	return resp
}

// says asks for a failure until it has all that is wanted; goroutines and
// peers take a moment.
func (s serving) says(t *testing.T, want ...string) string {
	t.Helper()
	listener := sockleaktest.IgnoreFunc(func(s sockleaktest.Socket) bool { return s.Role == sockleaktest.Listener })
	var text, missing string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var got spy
		sockleaktest.VerifyNone(&got, s.current, listener, sockleaktest.Settle(0))
		text, missing = got.text(), ""
		for _, w := range want {
			if !strings.Contains(text, w) {
				missing = w
			}
		}
		if missing == "" {
			return text
		}
	}
	t.Errorf("no %q in:\n%s", missing, text)
	return text
}

// TestBody: a body that is not closed is the most frequent leak of Go
// programs. Both ends are on one line, and the fix is the client's.
func TestBody(t *testing.T) {
	s := serve(t, 1<<20)
	s.get(t)
	s.says(t, "found 2 sockets", ", ESTABLISHED at both ends (fd ",
		"client: no goroutine waits on it", "server: goroutine ", "net/http.(*conn).serve, started by net/http.(*Server).Serve",
		"fix: resp.Body.Close()")
}

// TestManyBodies: sixty are one paragraph.
func TestManyBodies(t *testing.T) {
	s := serve(t, 1<<20)
	for i := 0; i < 60; i++ {
		s.get(t)
	}
	text := s.says(t, "found 120 sockets", "60 x tcp to "+s.server.Listener.Addr().String()+", ESTABLISHED at both ends (fd ", "57 more, ", "fix: resp.Body.Close()")
	if lines := strings.Count(text, "\n"); lines > 5 {
		t.Errorf("it takes %d lines:\n%s", lines, text)
	}
}

// TestBodyOfClosedServer: what is left in CLOSE_WAIT is no idle connection.
func TestBodyOfClosedServer(t *testing.T) {
	s := serve(t, 100) // what does not fit in the buffers would hold back the FIN
	s.get(t)
	s.server.CloseClientConnections()
	s.says(t, "found 1 socket", "tcp CLOSE_WAIT", "(opened, fd ", "the server has closed, this end has not: resp.Body.Close()")
}

// TestIdle: an idle connection is said to be one, and closes itself when the
// server does.
func TestIdle(t *testing.T) {
	s := serve(t, 1<<20)
	resp := s.get(t)
	for buf, err := make([]byte, 1<<16), error(nil); err == nil; {
		_, err = resp.Body.Read(buf)
	}
	resp.Body.Close()
	s.says(t, "ESTABLISHED at both ends", "client: goroutine ", "net/http.(*persistConn).readLoop", "client.CloseIdleConnections()")
	s.server.Close()
	sockleaktest.VerifyNone(t, s.current, sockleaktest.Settle(10*time.Second))
}

// TestGoroutine: a goroutine of the user's is named with its line.
func TestGoroutine(t *testing.T) {
	s := serving{current: sockleaktest.IgnoreCurrent()}
	client, server := pair(t)
	go readForever(client)
	s.says(t, "client: goroutine ", " waits on it in github.com/sockleak/sockleak/sockleaktest_test.readForever (http_linux_test.go:",
		"server: no goroutine waits on it", "fix: client: conn.Close(), which also ends that goroutine", "fix: server: conn.Close()")
	server.Close()
	s.says(t, "found 1 socket")
}

func readForever(c net.Conn) {
	for {
		if _, err := c.Read(make([]byte, 1)); err != nil {
			select {} // it never closes
		}
	}
}

// TestRoles: which end was accepted is known while the listener is there, and
// after.
func TestRoles(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			addr := map[string]string{"tcp4": "127.0.0.1:0", "tcp6": "[::1]:0", "unix": t.TempDir() + "/s"}[network]
			l, err := net.Listen(network, addr)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			current := sockleaktest.IgnoreCurrent()
			c, err := net.Dial(network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for _, state := range []string{"open", "closed"} {
				if state == "closed" {
					l.Close()
				}
				if network == "unix" && state == "closed" {
					continue // the path may be anybody's
				}
				left, err := sockleaktest.Find(current, sockleaktest.Settle(0))
				if err != nil || len(left) != 2 || left[0].Role != sockleaktest.Opened || left[1].Role != sockleaktest.Accepted {
					t.Errorf("with the listener %s: %v, %v; want one opened and one accepted", state, left, err)
				}
			}
		})
	}
}

// TestChurn: connections that come and go while it looks are no leak, though
// there are some at every look.
func TestChurn(t *testing.T) {
	current := sockleaktest.IgnoreCurrent()
	l := listen(t)
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				continue
			}
			s, _ := l.Accept()
			time.Sleep(5 * time.Millisecond)
			c.Close()
			s.Close()
		}
	}()
	ignore := sockleaktest.IgnoreFunc(func(s sockleaktest.Socket) bool { return s.Role == sockleaktest.Listener })
	for i := 0; i < 5; i++ {
		left, err := sockleaktest.Find(current, ignore, sockleaktest.Settle(10*time.Second))
		if err != nil || len(left) > 0 {
			t.Errorf("%v, %v; want none", left, err)
		}
	}
	close(stop)
	<-done
}
