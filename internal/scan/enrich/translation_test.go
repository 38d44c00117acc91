//go:build linux

package enrich

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func tcpSocket() int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	return fd
}

func dial(to netip.AddrPort) int {
	fd := tcpSocket()
	must(unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}))
	return fd
}

func accept(l int) int {
	fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	must(err)
	return fd
}

func addressOf(sa unix.Sockaddr, err error) netip.AddrPort {
	must(err)
	a := sa.(*unix.SockaddrInet4)
	return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
}

// hangUp closes a connection, of which the kernel then forgets its end after a
// second.
func hangUp(fd int) {
	must(unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_LINGER2, 1))
	must(unix.Close(fd))
}

// Where addresses may be translated, only a loopback address that nobody has any
// more is proof, of a server as of a client, whoever else is connected there.
func TestPeersBehindTranslation(t *testing.T) {
	for range 4 { // a port of ours may be somebody else's on this machine, too: then nothing is proven
		if behindTranslation(t) {
			return
		}
	}
	t.Error("an end that nobody has was not proven to be gone, with four sets of ports")
}

// behindTranslation reports whether what was left is proven to be gone. It
// fails where what is held is said to be.
func behindTranslation(t *testing.T) bool {
	var listeners [2]int
	var at [2]netip.AddrPort
	for i := range listeners {
		listeners[i] = tcpSocket()
		defer unix.Close(listeners[i])
		must(unix.Bind(listeners[i], &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
		must(unix.Listen(listeners[i], 8))
		at[i] = addressOf(unix.Getsockname(listeners[i]))
	}
	var clients, servers [3]int // the first is left by its client, the second by its server
	for i := range clients {
		clients[i] = dial(at[0])
		servers[i] = accept(listeners[0])
	}
	between := func(local, remote netip.AddrPort) *socket.Socket {
		return &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, Local: local, Remote: remote}
	}
	var name [3]netip.AddrPort
	for i := range clients {
		name[i] = addressOf(unix.Getsockname(clients[i]))
	}
	hangUp(clients[0])
	hangUp(servers[1])
	defer unix.Close(servers[0])
	defer unix.Close(clients[1])
	defer unix.Close(clients[2])
	defer unix.Close(servers[2])
	list := map[string]*socket.Socket{
		"left by its client": between(at[0], name[0]), "left by its server": between(name[1], at[0]),
		"server of a held one": between(at[0], name[2]), "client of a held one": between(name[2], at[0]),
		// It went to the other listener as far as one end knows, and was redirected.
		"redirected, server": between(at[1], name[2]), "redirected, client": between(name[2], at[1]),
	}
	conn, err := enricher(t).conns.Own()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range list {
		want := strings.HasPrefix(name, "left by")
		for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) { // the kernel keeps what was closed for a second
			closed, err := closedLoopback(t.Context(), conn, []*socket.Socket{s})
			if err != nil {
				t.Fatal(err)
			}
			if len(closed) == 1 == want {
				break
			}
			if !want {
				t.Errorf("%s: closed %v", name, len(closed) == 1)
				break
			}
			if time.Since(begin) > 10*time.Second {
				t.Logf("%s: not proven to be closed", name)
				return false
			}
		}
	}
	return true
}
