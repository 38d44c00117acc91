package leak

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// NetNS returns what is known of a network namespace.
func (c *Case) NetNS(id uint64) socket.Namespace {
	for _, ns := range c.Now().Namespaces {
		if ns.ID == id {
			return ns
		}
	}
	return socket.Namespace{}
}

// OwnerOfRest attributes sockets without owner to the target that listens on
// the local port, or that has a connection to the same destination.
func (c *Case) OwnerOfRest(netns uint64, o socket.Ownerless) socket.ProcessID {
	sockets := c.Now().Sockets
	i := slices.IndexFunc(sockets, func(s *socket.Socket) bool {
		if o.Local.Port() != 0 {
			if s.State != socket.Listen || s.Local.Port() != o.Local.Port() {
				return false
			}
		} else if s.Remote != o.Remote {
			return false
		}
		return s.NetNS == netns && s.IsTCP() && c.ofTarget(s)
	})
	if i < 0 {
		return socket.ProcessID{}
	}
	return c.Owner(sockets[i]).ID
}

// Ephemeral reports whether the kernel has chosen the socket's local port, or
// may have: where the range is not known, Linux's default is taken.
func (c *Case) Ephemeral(s *socket.Socket) bool {
	low := c.NetNS(s.NetNS).EphemeralLow
	if low == 0 {
		low = firstEphemeralPort
	}
	return s.Local.Port() >= low
}
