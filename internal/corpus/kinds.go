package corpus

// Kind is one directory of programs.
type Kind struct {
	Name    string   // of the directory below testdata/programs
	Rules   []string // each names the cause truly; any one of them will do
	Growing bool     // the leaky ones may need more than one look (--for)
}

// Kinds returns every kind of program: first those that some rule must name,
// then the healthy ones that no rule may accuse.
func Kinds() []Kind {
	return []Kind{
		{Name: "close-wait-eof-read", Rules: []string{"close-wait-eof-read"}},
		{Name: "close-wait-eof-unread", Rules: []string{"close-wait-eof-unread"}},
		{Name: "close-wait-data-unread", Rules: []string{"close-wait-data-unread"}},
		{Name: "asyncio-client", Rules: []string{"close-wait-eof-read"}},
		{Name: "body-not-closed", Rules: []string{"close-wait-eof-unread", "close-wait-data-unread"}},
		{Name: "edge-triggered", Rules: []string{"close-wait-data-unread"}},
		{Name: "makefile-reference", Rules: []string{"close-wait-eof-unread"}},
		{Name: "mptcp", Rules: []string{"close-wait-eof-read"}},
		{Name: "probe", Rules: []string{"close-wait-eof-unread"}},
		{Name: "proxy", Rules: []string{"close-wait-eof-read"}},
		{Name: "scm-rights", Rules: []string{"close-wait-eof-unread", "held-by-worker", "inherited"}},
		{Name: "slow-handler", Rules: []string{"close-wait-eof-unread", "close-wait-data-unread"}, Growing: true},
		{Name: "upgrade", Rules: []string{"close-wait-eof-read", "close-wait-eof-unread"}},
		{Name: "fin-wait2-held", Rules: []string{"fin-wait2-held"}},
		{Name: "never-accepted", Rules: []string{"never-accepted"}},
		{Name: "accept-queue-full", Rules: []string{"never-accepted"}},
		{Name: "old-listener", Rules: []string{"never-accepted"}},
		{Name: "inherited-listener", Rules: []string{"inherited", "never-accepted"}},
		{Name: "never-connected", Rules: []string{"never-connected", "udp-per-request"}},
		{Name: "connect-failed", Rules: []string{"connect-failed"}},
		{Name: "bound-unused", Rules: []string{"bound-unused"}},
		{Name: "reset-not-closed", Rules: []string{"reset-not-closed"}},
		{Name: "late", Rules: []string{"reset-not-closed", "close-wait-eof-read"}},
		{Name: "syn-sent-stuck", Rules: []string{"syn-sent-stuck"}},
		{Name: "dead-peer", Rules: []string{"dead-peer"}},
		{Name: "dead-host", Rules: []string{"dead-peer", "send-stuck"}},
		{Name: "abandoned", Rules: []string{"abandoned", "recv-window-full"}},
		{Name: "recv-window-full", Rules: []string{"recv-window-full", "abandoned"}},
		{Name: "response-not-consumed", Rules: []string{"recv-window-full", "abandoned"}},
		{Name: "send-stuck", Rules: []string{"send-stuck"}},
		{Name: "inherited", Rules: []string{"inherited"}},
		{Name: "held-by-worker", Rules: []string{"held-by-worker", "close-wait-eof-unread"}},
		{Name: "session-per-request", Rules: []string{"slow-leak", "abandoned"}, Growing: true},
		{Name: "slow-leak", Rules: []string{"slow-leak", "close-wait-eof-unread"}, Growing: true},
		{Name: "udp-per-request", Rules: []string{"udp-per-request"}},
		{Name: "unix-peer-gone", Rules: []string{"unix-peer-gone"}},
		{Name: "child-channel", Rules: []string{"unix-peer-gone"}},
		{Name: "duplicate-descriptors", Rules: []string{"duplicate-descriptors"}},
		{Name: "spin-on-eof", Rules: []string{"spin-on-eof"}},
		{Name: "dead-pool", Rules: []string{"dead-pool", "reset-not-closed"}},
		{Name: "orphans", Rules: []string{"orphans"}},
		{Name: "port-pressure", Rules: []string{"port-pressure"}},
		{Name: "fd-limit", Rules: []string{"fd-limit"}},
		{Name: "time-wait", Rules: []string{"time-wait"}},

		{Name: "burst"},
		{Name: "half-close-client"},
		{Name: "half-close-server"},
		{Name: "idle-client"},
		{Name: "idle-server"},
		{Name: "sawtooth"},
		{Name: "socket-activation"},
		{Name: "stale-pool"},
		{Name: "subscriptions"},
		{Name: "warm-up"},
	}
}
