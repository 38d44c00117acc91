//go:build linux

package procfs

import (
	"net"
	"os"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// tcpByLocal returns the TCP sockets of our namespace with the local address.
func tcpByLocal(t *testing.T, fs FS, addr net.Addr) []socket.Socket {
	t.Helper()
	var got []socket.Socket
	err := fs.NetTCP(os.Getpid(), func(s *socket.Socket) error {
		if s.Local.String() == addr.String() {
			got = append(got, *s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNetTCPOfOurselves(t *testing.T) {
	fs := live(t)
	netns, err := fs.NetNS(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for network, family := range map[string]socket.Family{"tcp4": socket.IPv4, "tcp6": socket.IPv6} {
		t.Run(network, func(t *testing.T) {
			client, _, _ := tcpPair(t, network)
			got := tcpByLocal(t, fs, client.LocalAddr())
			if len(got) != 1 {
				t.Fatalf("%d sockets with the client's address; want 1", len(got))
			}
			s := got[0]
			if s.Remote.String() != client.RemoteAddr().String() {
				t.Errorf("remote %v; want %v", s.Remote, client.RemoteAddr())
			}
			if s.State != socket.Established || s.Family != family || s.Protocol != socket.TCP ||
				s.NetNS != netns || s.UID != uint32(os.Getuid()) || s.Presence != socket.InTable {
				t.Errorf("got %+v", s)
			}
		})
	}
}
