package leak

import (
	"fmt"
	"iter"
	"math"
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

func portPressure() Rule {
	return Rule{
		ID: "port-pressure", Title: "the ephemeral ports for one destination run out", Severity: Leak,
		Doc: Doc{
			Means: "So many connections to one destination are open or in TIME_WAIT that few local ports are left for " +
				"it. When they are used up, connect() fails with EADDRNOTAVAIL.",
			Causes: "A new connection for each request, closed by the client: each keeps its port for 60 s. Or a leak of " +
				"connections to one place.",
			Evidence: "Connections in TIME_WAIT and open ones, by source address and destination, against " +
				"net.ipv4.ip_local_port_range: a note from 50 %, suspect from 75 %, a leak from 95 %.",
			BlindSpot: "TIME_WAIT has no owner: connections of other programs to the same destination count as well, as do " +
				"those reusable with tcp_tw_reuse. ip_local_reserved_ports is not taken off the range.",
			LookAlike: "TIME_WAIT after a busy hour, spread over destinations: each destination has all the ports. Accepted " +
				"connections take no ephemeral port.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "keep connections open and reuse them, or let the server close first; net.ipv4.tcp_tw_reuse=1 for clients. SO_REUSEADDR makes no ports here",
			socket.Python:         "one requests.Session for all requests; httpx.Client, aiohttp.ClientSession: make one, not one for each request",
			socket.Go:             "http.Transport{MaxIdleConnsPerHost: ...} above its default of 2, and read bodies to the end, or each connection is used once",
			socket.Node:           "new http.Agent({keepAlive: true, maxSockets: ...}) shared by all requests",
			socket.Java:           "a shared client with a pool (HttpClient, HikariCP); do not send Connection: close",
			socket.Ruby:           "Net::HTTP.start once for many requests, or net-http-persistent",
			socket.DotNet:         "one static HttpClient or IHttpClientFactory instead of using (new HttpClient())",
			socket.Native:         "keep the connection, or IP_BIND_ADDRESS_NO_PORT when binding the source address before connect()",
		},
		Check: checkPorts,
	}
}

// The shares of the ephemeral range at which pressure is mentioned and at
// which it is a fault by itself.
const (
	pressureNote    = 0.5
	pressureSuspect = 0.75
	pressureLeak    = 0.95
)

// route is what must be unique together with the local port.
type route struct {
	netns  uint64
	local  netip.Addr
	remote netip.AddrPort
}

type portUse struct {
	timeWait, open int
	sockets        []*socket.Socket
}

func checkPorts(c *Case, _ []*socket.Socket) []Finding {
	uses, order := c.portUses()
	var out []Finding
	for _, r := range order {
		u := uses[r]
		ns := c.netns(r.netns)
		size := rangeSize(&ns)
		share := float64(u.timeWait+u.open) / float64(size)
		if ns.EphemeralLow == 0 || share < pressureNote {
			continue
		}
		level := Note
		if share >= pressureLeak {
			level = Leak
		} else if share >= pressureSuspect {
			level = Suspect
		}
		f := Finding{Level: level, Remote: r.remote, Sockets: u.sockets,
			Summary: fmt.Sprintf("%d of %d ephemeral ports towards %s are taken", u.timeWait+u.open, size, r.remote),
			Evidence: []string{fmt.Sprintf("%d connections in TIME_WAIT and %d open from %s (ip_local_port_range %d-%d)",
				u.timeWait, u.open, r.local, ns.EphemeralLow, ns.EphemeralHigh)},
			Matters: "when none is left, connect() fails with EADDRNOTAVAIL"}
		f.Trend = track.GrowthOf(c.Gauge(track.GaugeKey{Kind: track.TimeWaits, NetNS: r.netns,
			Local: netip.AddrPortFrom(r.local, 0), Remote: r.remote}))
		if left, ok := timeLeft(f.Trend, u.timeWait+u.open, uint64(size)); ok {
			f.Matters = fmt.Sprintf("at this rate none is left in %s: connect() then fails with EADDRNOTAVAIL", Span(left))
		}
		if len(u.sockets) > 0 {
			if p := c.Owner(u.sockets[0]); p != nil {
				f.Process = p.ID
			}
		}
		out = append(out, f)
	}
	return out
}

// portUses counts the local ports in use towards the destinations that many
// may be in use towards.
func (c *Case) portUses() (map[route]*portUse, []route) {
	uses := map[route]*portUse{}
	var order []route
	by, least := c.towards, c.leastPorts()
	if by == nil {
		return uses, order
	}
	for o := range c.timeWaits() {
		by.add(o.Remote, o.Count)
	}
	if !by.reaches(least) {
		return uses, order
	}
	var last route // neighbours often go to the same place
	var use *portUse
	at := func(r route) *portUse {
		if use != nil && r == last {
			return use
		}
		if last, use = r, uses[r]; use == nil {
			use = &portUse{}
			uses[r] = use
			order = append(order, r)
		}
		return use
	}
	for o, netns := range c.timeWaits() {
		if by.atMost(o.Remote) >= least {
			at(route{netns, o.Local.Addr(), o.Remote}).timeWait += o.Count
		}
	}
	for _, s := range c.Now().Sockets {
		if c.opened(s) && by.atMost(s.Remote) >= least {
			u := at(route{s.NetNS, s.Local.Addr(), s.Remote})
			u.open++
			u.sockets = append(u.sockets, s)
		}
	}
	return uses, order
}

// newTowards returns what counts by destination, or nil where no destination
// can come to so many that they are worth a word.
func (c *Case) newTowards() *crowd {
	most := len(c.Now().Sockets)
	for o := range c.timeWaits() {
		most += o.Count
	}
	if most < c.leastPorts() {
		return nil
	}
	return new(crowd)
}

// leastPorts is from how many ports towards one destination on they are
// mentioned.
func (c *Case) leastPorts() int {
	least := math.MaxInt
	for _, ns := range c.Now().Namespaces {
		if ns.EphemeralLow != 0 { // else it is not judged
			least = min(least, int(pressureNote*float64(rangeSize(&ns))))
		}
	}
	return least
}

// timeWaits yields what takes ephemeral ports in TIME_WAIT, each with its
// network namespace.
func (c *Case) timeWaits() iter.Seq2[*socket.Ownerless, uint64] {
	return func(yield func(*socket.Ownerless, uint64) bool) {
		for i := range c.Now().Namespaces {
			ns := &c.Now().Namespaces[i]
			for j := range ns.Ownerless {
				o := &ns.Ownerless[j]
				if o.State == socket.TimeWait && o.Local.Port() == 0 && !yield(o, ns.ID) {
					return
				}
			}
		}
	}
}

// opened reports whether the socket is a connection that connect() has made.
func (c *Case) opened(s *socket.Socket) bool {
	return s.IsTCP() && s.Remote.IsValid() && s.Local.IsValid() && !c.Accepted(s) && s.Listener == 0
}

// rangeSize is the number of ephemeral ports.
func rangeSize(ns *socket.Namespace) int { return int(ns.EphemeralHigh) - int(ns.EphemeralLow) + 1 }

func (c *Case) netns(id uint64) socket.Namespace {
	for _, ns := range c.Now().Namespaces {
		if ns.ID == id {
			return ns
		}
	}
	return socket.Namespace{}
}
