package leak

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// otherLegs says, as a hint, which connections of the same process look like
// the other legs of the finding's sockets: what a proxy received on the one it
// sent on the other, at the same time. It is "" unless most of the finding's
// sockets have one. It is never more than a hint: nothing in the kernel links
// the two.
func (c *Case) otherLegs(f *Finding) string {
	ends := otherEnds{} // which are no other legs
	for _, s := range f.Sockets {
		ends.add(s)
	}
	var legs []*socket.Socket // of the other direction
	accepted := f.Role == track.Accepted
	for _, s := range c.carrying() {
		if s.HeldBy(f.Process) && c.Accepted(s) != accepted && !ends.has(s) {
			legs = append(legs, s)
		}
	}
	if len(legs) == 0 {
		return ""
	}
	used := map[*socket.Socket]bool{}
	paired, busy := 0, 0
	places := map[string]int{}
	for _, s := range f.Sockets {
		if !carries(s) {
			continue
		}
		busy++
		for _, leg := range legs {
			if !used[leg] && sameTraffic(s, leg) {
				used[leg] = true
				paired++
				places[c.legPlace(leg, accepted)]++
				break
			}
		}
	}
	if paired == 0 || 2*paired <= busy {
		return ""
	}
	most := ""
	for _, where := range sortedKeys(places) {
		if most == "" || places[where] > places[most] {
			most = where
		}
	}
	return fmt.Sprintf("hint: %s of %d may be relayed %s: the same bytes, both ways, at the same time",
		ofAll(paired, busy), busy, most)
}

// carrying returns the sockets that carry, which every finding asks for.
func (c *Case) carrying() []*socket.Socket {
	if c.carriers == nil {
		c.carriers = []*socket.Socket{}
		for _, s := range c.Now().Sockets {
			if carries(s) {
				c.carriers = append(c.carriers, s)
			}
		}
	}
	return c.carriers
}

// legPlace names the other side of the proxy, with the state of its leg.
func (c *Case) legPlace(leg *socket.Socket, upstream bool) string {
	if upstream {
		return fmt.Sprintf("to %s (%s)", leg.Remote, leg.State)
	}
	return fmt.Sprintf("from %s, clients of port %d (%s)", hostOf(leg.Remote), leg.Local.Port(), leg.State)
}

func hostOf(a netip.AddrPort) string { return a.Addr().String() }

// carries reports whether a connection has moved enough to be told from
// others by it.
func carries(s *socket.Socket) bool {
	return s.IsTCP() && s.Remote.IsValid() && s.Has(socket.HasTCPInfo) && connected(s) &&
		s.TCP.BytesReceived+s.TCP.BytesSent >= minTraffic
}

// What two legs may differ by: a proxy rewrites headers, and takes a moment to
// pass data on; the kernel counts SYN and FIN as bytes.
const (
	minTraffic    = 64
	legByteSlack  = 32
	legShareSlack = 10 // percent
	legTimeSlack  = time.Second
)

// sameTraffic reports whether what came in on one connection went out on the
// other, in both directions, and each direction last at the same time.
func sameTraffic(a, b *socket.Socket) bool {
	return nearBytes(a.TCP.BytesReceived, b.TCP.BytesSent) && nearBytes(a.TCP.BytesSent, b.TCP.BytesReceived) &&
		nearTime(a.TCP.LastDataRecv, b.TCP.LastDataSent) && nearTime(a.TCP.LastDataSent, b.TCP.LastDataRecv)
}

func nearBytes(a, b uint64) bool {
	low, high := min(a, b), max(a, b)
	return high-low <= legByteSlack+low*legShareSlack/100
}

func nearTime(a, b time.Duration) bool { return (a - b).Abs() <= legTimeSlack }

// connected reports whether the socket is a connection that was established.
func connected(s *socket.Socket) bool {
	return s.Remote.IsValid() && (s.State == socket.Established || s.State == socket.CloseWait || s.State == socket.FinWait2)
}
