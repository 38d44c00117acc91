package scan

import (
	"context"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// listening is on which ports anybody listens in a network namespace.
type listening struct {
	ports []uint16
	read  time.Time
}

// listeningFor is how long the ports are believed: listeners come and go
// seldom, and polling must stay cheap.
const listeningFor = time.Second

// listeningPorts returns the TCP ports on which anybody listens in the
// namespace; nil when they cannot be known. The kernel keeps listeners in a
// table of their own, so that it costs the same on any host.
func (sys *system) listeningPorts(ctx context.Context, ns namespace, d *Draft) []uint16 {
	known, ok := sys.listening[ns.id]
	if ok && d.snap.Taken.Sub(known.read) < listeningFor {
		return known.ports
	}
	conn, err := sys.diag.forNetNS(ns.id, d.snap)
	if err != nil {
		return nil
	}
	var ports []uint16
	err = conn.TCP(ctx, sockdiag.Filter{States: socket.StateSet(socket.Listen)}, func(s *socket.Socket) error {
		ports = append(ports, s.Local.Port())
		return nil
	})
	if err != nil {
		return nil
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	sys.listening[ns.id] = listening{ports, d.snap.Taken}
	return ports
}
