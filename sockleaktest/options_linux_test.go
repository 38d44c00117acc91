package sockleaktest_test

import (
	"net"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/sockleaktest"
)

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
