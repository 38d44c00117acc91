package leak

import (
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

func slowLeak() Rule {
	return Rule{
		ID: "slow-leak", Title: "connections are opened, used once and kept, while idle ones to the same place exist", Severity: Leak,
		Doc: Doc{
			Means: "The program opens new connections to a destination although it has idle ones there, and keeps all of " +
				"them. Nothing is wrong with each by itself; together they only grow.",
			Causes: "A session, client or pool made for each request; a response that is never read to the end or closed, " +
				"so that its connection cannot be used again; a connection that is kept in a list.",
			Evidence: "At least five ESTABLISHED connections to one place whose last event was an answer, idle for a second " +
				"or more, with empty queues and without a waiting thread. Over eight looks or more: at least three new ones in both halves of the " +
				"time that are idle now, while several (3) of the first look were not used at all. In one look: the " +
				"order in which they were made (inodes) is the order of their last use, which is a suspicion: they " +
				"may expire.",
			BlindSpot: "Accepted connections: a server cannot know which idle client will speak again. Connections on which " +
				"the peer or the program sends heartbeats do not look idle. A client that goes on opening " +
				"subscriptions, one after another, whose publisher answers and is then silent, looks the same. A drip slower than the look needs a " +
				"longer --for, or record.",
			LookAlike: "A pool that warms up and then stops; a pool that serves its connections in turn (each is used " +
				"again); one long-lived idle connection per thread.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close each connection after its use, or share one pool or session instead of making one for each request",
			socket.Python:         "with requests.Session() as s: ... for all requests; close makefile() objects; asyncio: writer.close(); await writer.wait_closed()",
			socket.Go:             "defer resp.Body.Close() and read it to the end; share one http.Client and its Transport; defer rows.Close()",
			socket.Node:           "one shared new http.Agent({keepAlive: true, maxSockets: ...}), and res.resume() on every response",
			socket.Java:           "try-with-resources around connections and responses; one shared client with pool eviction and a bound",
			socket.Ruby:           "Net::HTTP.start(host) { ... } with a block, or one connection_pool; do not keep Net::HTTP objects per request",
			socket.DotNet:         "one static HttpClient or IHttpClientFactory: a new one for each request opens a new connection each time",
			socket.Native:         "reuse one curl handle (curl_easy_reset), or curl_easy_cleanup after each use; close(fd) after the exchange",
		},
		States: socket.StateSet(socket.Established),
		Want:   (*Case).keptUnused,
		Check:  checkSlowLeak,
	}
}

func checkSlowLeak(c *Case, list []*socket.Socket) []Finding {
	list = worthPlaces(list)
	var out []Finding
	for _, g := range c.places(list) {
		kept := c.keptIdle(g)
		if len(kept.sockets) < onceMin {
			continue
		}
		level, why := c.keptLevel(kept)
		if level == 0 {
			continue
		}
		longestFirst(kept.sockets, c.Idle)
		f := c.finding(kept, level, fmt.Sprintf("keeps %s to %s that it does not use again", Plural(len(kept.sockets), "connection"), g.where()))
		f.Age = track.Age{AtLeast: c.Idle(kept.sockets[0])}
		f.Evidence = append(f.Evidence, why...)
		out = append(out, f)
	}
	return out
}

// worthPlaces leaves out connections to where there are not enough of them.
// To sort a few by place takes less than the memory that counts them does.
func worthPlaces(list []*socket.Socket) []*socket.Socket {
	const few = 200
	if len(list) < few {
		return list
	}
	by := new(crowd)
	for _, s := range list {
		by.add(s.Remote, 1)
	}
	return slices.DeleteFunc(list, func(s *socket.Socket) bool { return by.atMost(s.Remote) < onceMin })
}

// keptIdle returns the group's connections that have been silent for the
// grace period, without those on which a thread of their own waits: such a
// thread expects something.
func (c *Case) keptIdle(g group) group {
	kept := group{place: g.place}
	for _, s := range g.sockets {
		if c.Idle(s) >= keptGrace && !threaded([]*socket.Socket{s}) {
			kept.sockets = append(kept.sockets, s)
		}
	}
	return kept
}

// keptGrace is shorter than the grace period of a half-closed connection:
// what counts is the order of uses, not the length of the silence.
const keptGrace = time.Second

// answered reports whether the last thing that happened was an answer: who
// has only asked may still be waiting, as a silent subscription does.
func answered(s *socket.Socket) bool {
	return !s.Has(socket.HasTCPInfo) || s.TCP.BytesReceived > 0 && s.TCP.LastDataRecv <= s.TCP.LastDataSent
}

// keptLevel judges the idle connections to one place. Growth over the looks
// proves that idle ones are not used again, when those that were there at
// the first look stayed idle. One look proves it by the order of uses.
func (c *Case) keptLevel(kept group) (Level, []string) {
	born, spread := c.bornIdle(kept)
	survivors := c.idleAllAlong(kept)
	growing := len(c.Looks()) >= minLooks && born >= minBorn && spread && survivors >= c.Settings.Several
	once := c.usedOnce(kept.sockets)
	var why []string
	if growing {
		why = append(why, fmt.Sprintf("%d were opened, used and left during the %d looks, while %d older ones stayed idle: no pool does that",
			born, c.Count(), survivors))
	}
	if once {
		why = append(why, "each was used once, one after another, and later ones were opened while these were idle")
	}
	switch {
	case growing:
		return Leak, why
	case once && c.expiring(kept):
		return 0, nil
	case once:
		return Suspect, why // they may have an expiry date: one look cannot tell
	}
	return 0, nil
}

// idleAllAlong counts the connections that were there at the first look and
// have not been used since.
func (c *Case) idleAllAlong(kept group) int {
	n := 0
	for _, s := range kept.sockets {
		if k := c.Track(s); k != nil && k.Moved.IsZero() && !k.NewSince(c.Looks()[0].Taken) {
			n++
		}
	}
	return n
}

// expiring reports whether a long enough look has seen that none of the
// idle connections stays: they expire.
func (c *Case) expiring(kept group) bool {
	return len(c.Looks()) >= minLooks && c.survivors(kept) == 0
}

// What growth over several looks needs to be called so.
const (
	minLooks = 8 // as track.GrowthOf
	minBorn  = 3
)

// bornIdle counts the connections that were opened after the first look and
// are idle; spread reports whether some came in each half of the time.
func (c *Case) bornIdle(kept group) (born int, spread bool) {
	looks := c.Looks()
	half := looks[0].Taken.Add(c.Window() / 2)
	late := 0
	for _, s := range kept.sockets {
		k := c.Track(s)
		if !k.NewSince(looks[0].Taken) {
			continue
		}
		born++
		if k.First.After(half) {
			late++
		}
	}
	return born, late > 0 && late < born
}

// keptUnused reports whether the program has opened the connection, and its
// last use is over.
func (c *Case) keptUnused(s *socket.Socket) bool {
	return s.State == socket.Established && s.RecvQ == 0 && s.SendQ == 0 && s.IsTCP() && len(s.Holders) > 0 &&
		s.Remote.IsValid() && answered(s) && !c.Accepted(s)
}
