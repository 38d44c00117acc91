package rules

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func portPressure() leak.Rule {
	return leak.Rule{
		ID: "port-pressure", Title: "the ephemeral ports for one destination run out", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "So many connections to one destination are open or in TIME_WAIT that few local ports are left for " +
				"it. When they are used up, connect() fails with EADDRNOTAVAIL.",
			Causes: "A new connection for each request, closed by the client: each keeps its port for 60 s. Or a leak of " +
				"connections to one place.",
			Evidence: "Connections in TIME_WAIT and open ones, by source address and destination, against " +
				"net.ipv4.ip_local_port_range of their own network namespace: a note from 50 %, suspect from 75 %, a leak from 95 %.",
			BlindSpot: "TIME_WAIT has no owner: connections of other programs to the same destination count as well, as do " +
				"those reusable with tcp_tw_reuse. ip_local_reserved_ports is not taken off the range.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "keep connections open and reuse them, or let the server close first; net.ipv4.tcp_tw_reuse=1 for clients. SO_REUSEADDR makes no ports here",
				socket.Python:         "one requests.Session for all requests; httpx.Client, aiohttp.ClientSession: make one, not one for each request",
				socket.Go:             "http.Transport{MaxIdleConnsPerHost: ...} above its default of 2, and read bodies to the end, or each connection is used once",
				socket.Node:           "new http.Agent({keepAlive: true, maxSockets: ...}) shared by all requests",
				socket.Java:           "a shared client with a pool (HttpClient, HikariCP); do not send Connection: close",
				socket.Ruby:           "Net::HTTP.start once for many requests, or net-http-persistent",
				socket.DotNet:         "one static HttpClient or IHttpClientFactory instead of using (new HttpClient())",
				socket.Native:         "keep the connection, or IP_BIND_ADDRESS_NO_PORT when binding the source address before connect()",
				socket.PHP:            "keep connections alive between requests (persistent curl handles), or raise ip_local_port_range",
			},
			Operator: "turn on keep-alive to this destination in the configuration, so that connections are used again; a wider ip_local_port_range or more addresses only buy time",
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

func (u *portUse) all() int { return u.timeWait + u.open }

func checkPorts(c *leak.Case) []leak.Finding {
	var out []leak.Finding
	for _, r := range pressed(c) {
		u, ns := r.use, c.NetNS(r.netns)
		share := float64(u.all()) / float64(rangeSize(&ns))
		f := leak.Finding{Level: leak.Note, Remote: r.remote, Role: track.Opened, Sockets: u.sockets,
			Summary: fmt.Sprintf("%d of %d ephemeral ports towards %s are taken", u.all(), rangeSize(&ns), r.remote),
			Evidence: []string{fmt.Sprintf("%d connections in TIME_WAIT and %d open from %s (ip_local_port_range %d-%d)",
				u.timeWait, u.open, r.local, ns.EphemeralLow, ns.EphemeralHigh)},
			Matters: "when none is left, connect() fails with EADDRNOTAVAIL"}
		switch {
		case share >= pressureLeak:
			f.Level = leak.Leak
		case share >= pressureSuspect:
			f.Level = leak.Suspect
			f.Unknown = []string{"whether the rest of the ports will last is not known"}
		}
		f.Trend = track.GrowthOf(c.Gauge(track.GaugeKey{Kind: track.TimeWaits, NetNS: r.netns,
			Local: netip.AddrPortFrom(r.local, 0), Remote: r.remote}))
		if left, ok := leak.TimeLeft(f.Trend, u.all(), uint64(rangeSize(&ns))); ok {
			f.Matters = fmt.Sprintf("at this rate none is left in %s: connect() then fails with EADDRNOTAVAIL", words.Span(left))
		}
		f.Process = c.OwnerOfRest(r.netns, socket.Ownerless{State: socket.TimeWait, Remote: r.remote})
		if f.Process.PID == 0 {
			if f.Level < leak.Suspect {
				continue // another program's
			}
			if f.Level == leak.Suspect {
				f.Level, f.Unknown = leak.Note, nil
			}
			f.Evidence = append(f.Evidence, "no target is connected there now; it matters to whoever connects there from this network namespace")
		}
		out = append(out, f)
	}
	return out
}

// pressedRoute is a route on which enough ports are taken to mention it.
type pressedRoute struct {
	route
	use *portUse
}

// pressed counts the local ports in use by route, and returns those that are
// worth a word, in a total order.
func pressed(c *leak.Case) []pressedRoute {
	uses := map[route]*portUse{}
	at := func(r route) *portUse {
		u := uses[r]
		if u == nil {
			u = &portUse{}
			uses[r] = u
		}
		return u
	}
	for i := range c.Now().Namespaces {
		ns := &c.Now().Namespaces[i]
		for j := range ns.Ownerless {
			if o := &ns.Ownerless[j]; o.State == socket.TimeWait && o.Local.Port() == 0 {
				at(route{ns.ID, o.Local.Addr(), o.Remote}).timeWait += o.Count
			}
		}
	}
	few := scarceUse(c, uses)
	if !slices.Contains(slices.Collect(maps.Values(few)), false) {
		return nil
	}
	eachOpened(c, func(r route, _ *socket.Socket) {
		if !few[origin{r.netns, r.local}] {
			at(r).open++
		}
	})
	var out []pressedRoute
	for r, u := range uses {
		ns := c.NetNS(r.netns)
		if ns.EphemeralLow != 0 && float64(u.all()) >= pressureNote*float64(rangeSize(&ns)) {
			out = append(out, pressedRoute{r, u})
		} else {
			delete(uses, r)
		}
	}
	if len(out) == 0 {
		return nil
	}
	eachOpened(c, func(r route, s *socket.Socket) {
		if u := uses[r]; u != nil {
			u.sockets = append(u.sockets, s)
		}
	})
	slices.SortFunc(out, func(a, b pressedRoute) int {
		return cmp.Or(cmp.Compare(a.netns, b.netns), a.local.Compare(b.local), a.remote.Compare(b.remote))
	})
	return out
}

// origin is from where connections leave.
type origin struct {
	netns uint64
	local netip.Addr
}

// scarceUse returns the origins of which all ports in use, to wherever, are too
// few to mention: of those, and they are nearly all, the routes need no count.
func scarceUse(c *leak.Case, timeWait map[route]*portUse) map[origin]bool {
	taken := map[origin]int{}
	for r, u := range timeWait {
		taken[origin{r.netns, r.local}] += u.timeWait
	}
	var last origin // neighbours are often of the same one
	n := 0
	eachOpened(c, func(r route, _ *socket.Socket) {
		if at := (origin{r.netns, r.local}); at != last {
			taken[last] += n
			last, n = at, 0
		}
		n++
	})
	taken[last] += n
	delete(taken, origin{})
	few := make(map[origin]bool, len(taken))
	for o, n := range taken {
		ns := c.NetNS(o.netns)
		few[o] = float64(n) < pressureNote*float64(rangeSize(&ns))
	}
	return few
}

// eachOpened calls do for every connection that a program has opened.
func eachOpened(c *leak.Case, do func(route, *socket.Socket)) {
	for _, s := range c.Now().Sockets {
		if s.IsTCP() && s.Remote.IsValid() && s.Local.IsValid() && s.Listener == 0 && c.Opened(s) {
			do(route{s.NetNS, s.Local.Addr(), s.Remote}, s)
		}
	}
}

// rangeSize is the number of ephemeral ports.
func rangeSize(ns *socket.Namespace) int { return int(ns.EphemeralHigh) - int(ns.EphemeralLow) + 1 }
