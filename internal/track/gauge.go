package track

import (
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// GaugeKind is a resource of the kernel that can run out.
type GaugeKind uint8

// The resources that are followed.
const (
	AcceptQueue GaugeKind = iota + 1 // connections that wait for accept() on Local
	TimeWaits                        // TIME_WAIT from the address Local to Remote
)

// GaugeKey names one such resource.
type GaugeKey struct {
	Kind   GaugeKind
	NetNS  uint64
	Local  netip.AddrPort
	Remote netip.AddrPort
}

// Gauge returns how full the resource was, oldest look first. It is empty
// after only one look.
func (h *History) Gauge(key GaugeKey) []Point {
	if g := h.gauges[key]; g != nil {
		return g.Points
	}
	return nil
}

// followGauges notes the state of the resources at one look, and forgets
// those that are gone.
func (h *History) followGauges(s *socket.Snapshot) {
	for _, sock := range s.Sockets {
		if sock.State == socket.Listen && sock.IsTCP() && sock.Has(socket.HasQueues) {
			h.gauge(GaugeKey{AcceptQueue, sock.NetNS, sock.Local, netip.AddrPort{}}, int(sock.RecvQ), s.Taken)
		}
	}
	for _, ns := range s.Namespaces {
		for _, o := range ns.Ownerless {
			if o.State == socket.TimeWait && o.Local.Port() == 0 {
				h.gauge(GaugeKey{TimeWaits, ns.ID, o.Local, o.Remote}, o.Count, s.Taken)
			}
		}
	}
	for key, g := range h.gauges {
		if g.last != h.seq {
			delete(h.gauges, key)
		}
	}
}

// gauge adds one value. Several listeners can share an address
// (SO_REUSEPORT): their queues are one resource.
func (h *History) gauge(key GaugeKey, value int, at time.Time) {
	g := h.gauges[key]
	if g == nil {
		g = &Group{}
		h.gauges[key] = g
	}
	if n := len(g.Points); g.last == h.seq && n > 0 && g.Points[n-1].At.Equal(at) {
		g.Points[n-1].Count += value
		return
	}
	g.add(Point{at, value})
	g.last = h.seq
}
