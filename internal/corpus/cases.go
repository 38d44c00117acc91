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

		{Program: "accept-queue-full/leaky.c", Rules: []string{"accept-queue-full", "never-accepted"}},
		{Program: "accept-queue-full/clean.py"},

		{Program: "never-connected/leaky.c", Rules: []string{"never-connected"}},
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

		{Program: "half-close-server/clean-burst-gaps.py"},
		{Program: "half-close-server/clean-slow-answer.py"},
		{Program: "half-close-server/clean-stream.go"},

		{Program: "half-close-client/clean.js"},
		{Program: "half-close-client/clean.py"},
	}
}
