package track

import (
	"net/netip"

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

// maxGauges is how many resources are followed, the fullest: 4 MB at most.
const maxGauges = 1024

// Gauge returns how full the resource was, oldest look first. It is empty
// after only one look, and where there are more than 1024 fuller ones.
func (h *History) Gauge(key GaugeKey) []Point {
	if g := h.gauges[key]; g != nil {
		return g.points
	}
	return nil
}

// followGauges notes the state of the resources at one look, and forgets
// those that are gone.
func (h *History) followGauges(s *socket.Snapshot) {
	values := gaugeValues(s)
	keepLargest(values, maxGauges, func(k GaugeKey) bool { return h.gauges[k] != nil })
	for key := range h.gauges {
		if _, there := values[key]; !there {
			delete(h.gauges, key)
		}
	}
	for key, value := range values {
		g := h.gauges[key]
		if g == nil {
			g = &series{}
			h.gauges[key] = g
		}
		g.add(Point{s.Taken, value})
	}
}

// gaugeValues sums up what fills each resource. Several listeners can share an
// address (SO_REUSEPORT): their queues are one resource.
func gaugeValues(s *socket.Snapshot) map[GaugeKey]int {
	values := map[GaugeKey]int{}
	for _, sock := range s.Sockets {
		if sock.State == socket.Listen && sock.IsTCP() && sock.Has(socket.HasQueues) {
			values[GaugeKey{AcceptQueue, sock.NetNS, sock.Local, netip.AddrPort{}}] += int(sock.RecvQ)
		}
	}
	for i := range s.Namespaces {
		ns := &s.Namespaces[i]
		for j := range ns.Ownerless {
			o := &ns.Ownerless[j]
			if o.State == socket.TimeWait && o.Local.Port() == 0 {
				values[GaugeKey{TimeWaits, ns.ID, o.Local, o.Remote}] += o.Count
			}
		}
	}
	return values
}
