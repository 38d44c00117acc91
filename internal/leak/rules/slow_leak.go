package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func slowLeak() leak.Rule {
	return leak.Rule{
		ID: "slow-leak", Title: "connections are opened, used once or never, and kept", Severity: leak.Leak, General: true, Stage: true,
		Doc: leak.Doc{
			Means: "The program opens new connections although it has idle ones of the same kind, and keeps all of " +
				"them. Nothing is wrong with each by itself; together they only grow.",
			Causes: "A session, client or pool made for each request; a response that is never read to the end or closed, " +
				"so that its connection cannot be used again; a connection that is kept in a list, or that was made after its " +
				"caller had given up.",
			Evidence: "ESTABLISHED connections that the program opened, idle for a second or more, with empty queues. Growth counts " +
				"over the whole program, wherever they go: opened in both halves of eight samples or more, none of the kind closed, " +
				"none used again. A few bytes now and then are a heartbeat, no use. One sample sees at most that each was used once, one " +
				"after another, while the earlier ones were idle (tcpi_data_segs_out, tcpi_last_data_sent).",
			BlindSpot: "What an event loop watches may be a subscription that is silent: that stays a suspicion. A drip slower than " +
				"the scan needs a longer --for, or record.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close each connection after its use, or share one pool or session instead of making one for each request",
			socket.Python:         "with requests.Session() as s: ... for all requests; close makefile() objects; asyncio: writer.close(); await writer.wait_closed()",
			socket.Go:             "defer resp.Body.Close() and read it to the end; share one http.Client, one Transport, one grpc.ClientConn; defer rows.Close()",
			socket.Node:           "one shared new http.Agent({keepAlive: true, maxSockets: ...}), and res.resume() on every response",
			socket.Java:           "try-with-resources around connections and responses; one shared client with pool eviction and a bound",
			socket.Ruby:           "Net::HTTP.start(host) { ... } with a block, or one connection_pool; do not keep Net::HTTP objects per request",
			socket.DotNet:         "one static HttpClient or IHttpClientFactory: a new one for each request opens a new connection each time",
			socket.Native:         "reuse one curl handle (curl_easy_reset), or curl_easy_cleanup after each use; close(fd) after the exchange",
			socket.PHP:            "one client for the whole worker; fclose() or unset() what an array still refers to after each job",
			socket.Erlang:         "one pool (hackney_pool, finch); gen_tcp:close(S) when a process keeps running after its exchange",
		}},
		States: socket.StateSet(socket.Established),
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.State == socket.Established && s.RecvQ == 0 && s.SendQ == 0 && s.IsTCP() && held(s) && c.Opened(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool { return c.Idle(s) >= keptGrace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "asks", Program: "idle-client/clean-threads.py", Means: "its question has no answer yet",
				Unknown: "whether the answers that are outstanding will still come is not known",
				Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
					if asks := c.Asks(s); asks != leak.Yes || c.Accumulates(g) != leak.Yes {
						return asks
					}
					return leak.Unknown // they only come: perhaps nobody bounds the wait
				}},
			threadWaits("idle-client/clean-threads.py"),
			usedAgain("warm-up/clean.py"),
			usedOften("idle-client/clean-pool.py"),
			closedAsLong("sawtooth/clean.py"),
			inStep("thread-local/clean.py"),
			onePerThread("used-once/suspected-threads.py"),
			subscription("subscriptions/clean-silent-asyncio.py"),
		},
		Hopeless: func(c *leak.Case, _ *leak.Group, s *socket.Socket) bool { return c.TooFew() && !forgottenOnce(c, s) },
		Grounds: []leak.Proof{
			accumulatePassed("session-per-request/leaky.py"),
			{ID: "ever-other-places", Program: "many-hosts/suspected.py",
				Means: "they only come, to ever other places, sixteen or more",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					if _, alone := c.PassedOver(g); alone < many {
						return leak.No
					}
					return c.Accumulates(g)
				}},
			{ID: "one-after-another", Program: "used-once/suspected.py",
				Means: "nobody waits for them, and each was used once, one after another, while the earlier ones were idle",
				Ask:   oneAfterAnother},
		},
		Proofs: []leak.Proof{accumulatePassed("session-per-request/leaky.py")},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			leak.LongestFirst(g.Sockets, c.Idle)
			f.Age = track.Age{AtLeast: c.Idle(g.Sockets[0])}
			f.Summary = fmt.Sprintf("keeps %s to %s that it does not use again", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			if asking := countAsking(c, g.Sockets); 2*asking > len(g.Sockets) {
				f.Summary = fmt.Sprintf("waits for %d answers on %s to %s, and asks on ever new ones", asking,
					words.Plural(len(g.Sockets), "connection"), c.Where(f))
				f.Fix = "bound the wait for an answer (connect and read time-outs), and close the connection when it is over"
			}
			if untouched := countUntouched(g.Sockets); untouched > 0 {
				f.Evidence = append(f.Evidence, fmt.Sprintf("%d of %d have never carried a byte", untouched, len(g.Sockets)))
			}
			if oneAfterAnother(c, g) == leak.Yes {
				f.Evidence = append(f.Evidence, "each was used once, one after another, while the earlier ones were idle")
			}
		},
	}
}

// keptGrace is shorter than the grace period of a half-closed connection:
// what counts is what comes later, not the length of the silence.
const keptGrace = time.Second

func countAsking(c *leak.Case, list []*socket.Socket) int {
	n := 0
	for _, s := range list {
		if c.Asks(s) == leak.Yes {
			n++
		}
	}
	return n
}

func countUntouched(list []*socket.Socket) int {
	n := 0
	for _, s := range list {
		if leak.Untouched(s) == leak.Yes {
			n++
		}
	}
	return n
}

// onceMin is the smallest number in which an order can be told from chance:
// five in order by accident is one in 120.
const onceMin = 5

// oneAfterAnother reports whether the connections were each used once, and no
// two at a time, although nobody waits for the earlier ones: a pool would have
// used those. The order of their making is in no table, but who was used once
// was made for that use.
func oneAfterAnother(c *leak.Case, g *leak.Group) leak.Answer {
	if older(c, g, (*leak.Case).Idle, c.Settings.Grace) < onceMin { // others may be on their way to an expiry date
		return leak.No
	}
	type use struct{ first, last time.Duration } // ago
	var uses []use
	threads := 0
	for _, s := range g.Sockets {
		if !forgottenOnce(c, s) {
			return leak.No
		}
		if p := c.Owner(s); p != nil {
			threads = max(threads, p.Threads)
		}
		first, last := c.Use(s)
		uses = append(uses, use{first, last})
	}
	if threads >= len(g.Sockets) {
		return leak.Unknown // one for each thread
	}
	slices.SortFunc(uses, func(a, b use) int { return cmp.Compare(b.first, a.first) })
	apart := 0
	for i := 1; i < len(uses); i++ {
		if uses[i-1].last-uses[i].first >= onceGap {
			apart++
		}
	}
	return leak.AnswerOf(apart*10 >= (len(uses)-1)*9)
}

// forgottenOnce reports whether the connection was used once, and nobody waits
// for it.
func forgottenOnce(c *leak.Case, s *socket.Socket) bool {
	return c.Registered(s) == leak.No && leak.UsedOnce(s) == leak.Yes
}

// onceGap is the time between two uses from which on the later connection was
// opened although the earlier one was idle.
const onceGap = 20 * time.Millisecond
