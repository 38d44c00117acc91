package corpus

// Cases returns every program. The rules of a leaky one are those that name
// its cause; a healthy one has none.
func Cases() []Case {
	return []Case{
		{Program: "close-wait-eof-read/leaky.py", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/leaky-asyncio.py", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/leaky-halfopen.js", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/leaky-epoll.c", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/leaky.go", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/leaky.java", Rules: []string{"close-wait-eof-read"}},
		{Program: "close-wait-eof-read/clean.py"},
		{Program: "close-wait-eof-read/clean-asyncio.py"},
		{Program: "close-wait-eof-read/clean-halfopen.js"},
		{Program: "close-wait-eof-read/clean-epoll.c"},
		{Program: "close-wait-eof-read/clean.go"},
		{Program: "close-wait-eof-read/clean.java"},

		{Program: "close-wait-eof-unread/leaky.py", Rules: []string{"close-wait-eof-unread"}},
		{Program: "close-wait-eof-unread/leaky.c", Rules: []string{"close-wait-eof-unread"}},
		{Program: "close-wait-eof-unread/clean.py"},
		{Program: "close-wait-eof-unread/clean.c"},

		{Program: "close-wait-data-unread/leaky.c", Rules: []string{"close-wait-data-unread"}},
		{Program: "close-wait-data-unread/leaky.py", Rules: []string{"close-wait-data-unread"}},
		{Program: "close-wait-data-unread/clean.py"},

		{Program: "fin-wait2-held/leaky.c", Rules: []string{"fin-wait2-held"}},
		{Program: "fin-wait2-held/leaky.py", Rules: []string{"fin-wait2-held"}},
		{Program: "fin-wait2-held/clean.py"},
		{Program: "fin-wait2-held/clean-server.py"},

		{Program: "never-accepted/leaky.py", Rules: []string{"never-accepted"}},
		{Program: "never-accepted/clean.py"},

		{Program: "accept-queue-full/leaky.c", Rules: []string{"never-accepted"}},
		{Program: "accept-queue-full/clean.py"},

		{Program: "never-connected/leaky.c", Rules: []string{"never-connected", "udp-per-request"}},
		{Program: "never-connected/leaky.py", Rules: []string{"never-connected"}},
		{Program: "never-connected/clean.c"},

		{Program: "connect-failed/leaky.c", Rules: []string{"connect-failed"}},
		{Program: "connect-failed/leaky.py", Rules: []string{"connect-failed"}},
		{Program: "connect-failed/clean.py"},

		{Program: "bound-unused/leaky.c", Rules: []string{"bound-unused"}},
		{Program: "bound-unused/clean.py"},

		{Program: "reset-not-closed/leaky.py", Rules: []string{"reset-not-closed"}},
		{Program: "reset-not-closed/clean.py"},

		{Program: "syn-sent-stuck/leaky.py", Rules: []string{"syn-sent-stuck"}},
		{Program: "syn-sent-stuck/clean.py"},

		{Program: "dead-peer/leaky.py", Rules: []string{"dead-peer"}},
		{Program: "dead-peer/clean.py"},

		{Program: "abandoned/leaky.py", Rules: []string{"abandoned", "recv-window-full"}},
		{Program: "abandoned/clean.py"},

		{Program: "recv-window-full/leaky.py", Rules: []string{"recv-window-full", "abandoned"}},
		{Program: "recv-window-full/clean.py"},
		{Program: "recv-window-full/clean-paused.js"},
		{Program: "recv-window-full/clean-slow-reader.py"},

		{Program: "send-stuck/leaky.py", Rules: []string{"send-stuck"}},
		{Program: "send-stuck/leaky-asyncio.py", Rules: []string{"send-stuck"}},
		{Program: "send-stuck/clean.py"},

		{Program: "inherited/leaky.c", Rules: []string{"inherited"}},
		{Program: "inherited/leaky.py", Rules: []string{"inherited"}},
		{Program: "inherited/clean.py"},
		{Program: "inherited/clean-fork.c"},
		{Program: "inherited/clean-inetd.py"},

		{Program: "held-by-worker/leaky.c", Rules: []string{"held-by-worker", "close-wait-eof-unread"}},
		{Program: "held-by-worker/leaky-pool.py", Rules: []string{"held-by-worker", "close-wait-eof-unread"}},
		{Program: "held-by-worker/clean.c"},
		{Program: "held-by-worker/clean-prefork.py"},
		{Program: "held-by-worker/clean-pool.py"},

		{Program: "half-close-server/clean-burst-gaps.py"},
		{Program: "half-close-server/clean-slow-answer.py"},
		{Program: "half-close-server/clean-stream.go"},

		{Program: "half-close-client/clean.js"},
		{Program: "half-close-client/clean.py"},

		{Program: "session-per-request/leaky.py", Rules: []string{"slow-leak", "abandoned"}, Growing: true},
		{Program: "session-per-request/leaky-agent.js", Rules: []string{"slow-leak", "abandoned"}, Growing: true},
		{Program: "session-per-request/clean.py"},
		{Program: "session-per-request/clean-agent.js"},
		{Program: "session-per-request/clean-per-request.py"},

		{Program: "body-not-closed/leaky.go", Rules: []string{"close-wait-eof-unread", "close-wait-data-unread"}},
		{Program: "body-not-closed/clean.go"},

		{Program: "response-not-consumed/leaky.js", Rules: []string{"recv-window-full", "abandoned"}},
		{Program: "response-not-consumed/clean.js"},

		{Program: "makefile-reference/leaky.py", Rules: []string{"close-wait-eof-unread"}},
		{Program: "makefile-reference/clean.py"},

		{Program: "asyncio-client/leaky.py", Rules: []string{"close-wait-eof-read"}},
		{Program: "asyncio-client/clean.py"},

		{Program: "slow-leak/leaky.py", Rules: []string{"slow-leak", "close-wait-eof-unread"}, Growing: true},
		{Program: "slow-leak/clean.py"},

		{Program: "udp-per-request/leaky.go", Rules: []string{"udp-per-request"}},
		{Program: "udp-per-request/leaky.py", Rules: []string{"udp-per-request"}},
		{Program: "udp-per-request/clean.py"},
		{Program: "udp-per-request/clean-churn.py"},

		{Program: "unix-peer-gone/leaky.py", Rules: []string{"unix-peer-gone"}},
		{Program: "unix-peer-gone/clean.py"},

		{Program: "duplicate-descriptors/leaky.py", Rules: []string{"duplicate-descriptors"}},
		{Program: "duplicate-descriptors/clean.py"},

		{Program: "spin-on-eof/leaky.c", Rules: []string{"spin-on-eof"}},
		{Program: "spin-on-eof/clean.c"},
		{Program: "spin-on-eof/clean-busy.py"},

		{Program: "dead-pool/leaky.py", Rules: []string{"dead-pool", "reset-not-closed"}},
		{Program: "dead-pool/clean.py"},

		{Program: "port-pressure/noted.py", Rules: []string{"port-pressure"}},
		{Program: "port-pressure/clean.py"},

		{Program: "fd-limit/noted.py", Rules: []string{"fd-limit"}},
		{Program: "fd-limit/clean.py"},

		{Program: "orphans/leaky.py", Rules: []string{"orphans"}},
		{Program: "orphans/clean.py"},

		{Program: "probe/leaky.c", Rules: []string{"close-wait-eof-unread"}},
		{Program: "probe/leaky-traceback.py", Rules: []string{"close-wait-eof-unread"}},
		{Program: "probe/leaky.java", Rules: []string{"close-wait-eof-unread"}},
		{Program: "probe/clean.java"},
		{Program: "probe/clean-traceback.py"},

		{Program: "edge-triggered/leaky.c", Rules: []string{"close-wait-data-unread"}},
		{Program: "edge-triggered/clean.c"},

		{Program: "slow-handler/leaky.go", Rules: []string{"close-wait-eof-unread"}, Growing: true},
		{Program: "slow-handler/leaky-lock.py", Rules: []string{"close-wait-data-unread"}, Growing: true},
		{Program: "slow-handler/clean.go"},
		{Program: "slow-handler/clean-busy.py"},

		{Program: "proxy/leaky.go", Rules: []string{"close-wait-eof-read"}},
		{Program: "proxy/clean.go"},

		{Program: "scm-rights/leaky.py", Rules: []string{"close-wait-eof-unread", "held-by-worker", "inherited"}},
		{Program: "scm-rights/leaky-sender.py", Rules: []string{"close-wait-eof-unread", "held-by-worker", "inherited"}},
		{Program: "scm-rights/clean.py"},

		{Program: "old-listener/leaky.py", Rules: []string{"never-accepted"}},
		{Program: "old-listener/clean.py"},

		{Program: "dead-host/leaky.py", Rules: []string{"dead-peer", "send-stuck"}},
		{Program: "dead-host/clean.py"},

		{Program: "stale-pool/clean.py"},
		{Program: "stale-pool/clean-evicting.java"},
		{Program: "stale-pool/clean-notify.py"},

		{Program: "idle-client/clean.go"},
		{Program: "idle-client/clean.java"},
		{Program: "idle-client/clean-notify.c"},
		{Program: "idle-client/clean-pool.py"},
		{Program: "idle-client/clean-threads.py"},

		{Program: "idle-server/clean.go"},
		{Program: "idle-server/clean.js"},
		{Program: "idle-server/clean-asyncio.py"},
		{Program: "idle-server/clean-threads.py"},

		{Program: "subscriptions/clean.py"},
		{Program: "subscriptions/clean-silent-asyncio.py"},

		{Program: "warm-up/clean.go"},
		{Program: "warm-up/clean.py"},

		{Program: "sawtooth/clean.py"},
		{Program: "sawtooth/clean-expiry.py"},

		{Program: "burst/clean.js"},
		{Program: "burst/clean-slow-close.py"},

		{Program: "socket-activation/clean.py"},

		{Program: "time-wait/noted.py", Rules: []string{"time-wait"}},
		{Program: "time-wait/clean.py"},

		{Program: "mptcp/leaky.go", Rules: []string{"close-wait-eof-read"}},
		{Program: "mptcp/clean.go"},

		{Program: "late/leaky.go", Rules: []string{"reset-not-closed", "close-wait-eof-read"}},
		{Program: "late/clean.go"},

		{Program: "child-channel/leaky.py", Rules: []string{"unix-peer-gone"}},
		{Program: "child-channel/clean.js"},
		{Program: "child-channel/clean.py"},

		{Program: "inherited-listener/leaky.py", Rules: []string{"inherited", "never-accepted"}},
		{Program: "inherited-listener/clean.py"},

		{Program: "upgrade/leaky.js", Rules: []string{"close-wait-eof-read", "close-wait-eof-unread"}},
		{Program: "upgrade/clean.js"},
	}
}
