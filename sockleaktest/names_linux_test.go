package sockleaktest_test

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/sockleaktest"
)

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
		{"connection", func(t *testing.T) { pair(t) }, []string{"found 2 sockets", "tcp 127.0.0.1:", " -> 127.0.0.1:", "ESTABLISHED at both ends", "no goroutine waits on either end", "conn.Close() at both ends"}},
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
		}, []string{"found 1 socket", "tcp CLOSE_WAIT 127.0.0.1:", "the client has closed"}},
		{"half closed", func(t *testing.T) {
			c, s := pair(t)
			c.CloseWrite()
			if _, err := s.Read(make([]byte, 1)); err != io.EOF {
				t.Fatal(err)
			}
		}, []string{"client FIN_WAIT", "server CLOSE_WAIT", "client: CloseWrite ends one direction only"}},
		{"reset", func(t *testing.T) {
			c, s := pair(t)
			c.SetLinger(0)
			c.Close()
			s.Read(make([]byte, 1))
		}, []string{"tcp CLOSE", "reset by the peer"}},
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
