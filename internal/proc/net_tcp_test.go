//go:build linux

package proc

import (
	"net"
	"os"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// tcpByLocal returns the TCP sockets of our namespace with the local address:
// a client's port is shared by connections to other peers, other tests' among
// them (__inet_hash_connect of net/ipv4/inet_hashtables.c).
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
			s := one(t, fs, client.LocalAddr(), client.RemoteAddr(), "ESTABLISHED", inState(socket.Established))
			if s.State != socket.Established || s.Family != family || s.Protocol != socket.TCP ||
				s.NetNS != netns || s.UID != uint32(os.Getuid()) || s.Presence != socket.InTable {
				t.Errorf("got %+v", s)
			}
		})
	}
}
