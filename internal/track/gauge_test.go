package track

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestGauges(t *testing.T) {
	local, remote := netip.MustParseAddrPort("10.0.0.1:80"), netip.MustParseAddrPort("10.0.0.2:5432")
	from := netip.AddrPortFrom(local.Addr(), 0)
	start := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	h := NewHistory()
	for i := range 12 {
		listener := socket.Socket{NetNS: 1, Cookie: 1, Family: socket.IPv4, Protocol: socket.TCP, State: socket.Listen,
			Local: local, RecvQ: uint32(i), SendQ: 128, Facts: socket.HasQueues}
		twin := listener // SO_REUSEPORT
		twin.Cookie = 2
		h.Add(&socket.Snapshot{Taken: start.Add(time.Duration(i) * time.Second),
			Sockets: []*socket.Socket{&listener, &twin},
			Namespaces: []socket.Namespace{{ID: 1, Ownerless: []socket.Ownerless{
				{State: socket.TimeWait, Local: from, Remote: remote, Count: 100 * i}}}}})
	}
	queue := h.Gauge(GaugeKey{AcceptQueue, 1, local, netip.AddrPort{}})
	if trend := GrowthOf(queue); len(queue) != 12 || queue[11].Count != 22 || !trend.Growing || trend.Rate != 2 {
		t.Errorf("accept queue: %v, %+v", queue, trend)
	}
	waits := h.Gauge(GaugeKey{TimeWaits, 1, from, remote})
	if trend := GrowthOf(waits); len(waits) != 12 || trend.Rate != 100 {
		t.Errorf("TIME_WAIT: %v, %+v", waits, trend)
	}
	h.Add(&socket.Snapshot{Taken: start.Add(time.Minute)})
	if len(h.gauges) != 0 {
		t.Errorf("%d gauges of what is gone are kept", len(h.gauges))
	}
}
