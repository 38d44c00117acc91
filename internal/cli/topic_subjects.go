package cli

// subjectTopics returns the subjects that people ask about when they have found a
// leak, the most common first.
func subjectTopics() []topic {
	return []topic{
		{"close-and-shutdown", "close() gives the descriptor back, shutdown() ends a direction", []topicPart{
			{"close()", "Takes this descriptor away. The kernel ends the connection when it was the last one: a copy by dup(), a child that inherited it, or a message with SCM_RIGHTS keeps it open. With unread data left, the peer gets a reset (RFC 2525, section 2.17)."},
			{"shutdown()", "Ends a direction for everybody who has the socket, and frees nothing. SHUT_WR sends the FIN: \"I am done sending\"; the program can still read. SHUT_RD ends reading here; the peer is not told."},
			{"What goes wrong", "shutdown() without close(): the descriptor and its memory stay, in FIN_WAIT2 or CLOSE. close() on one path and not on the other: return early, an exception, a time-out."},
			{"What to write", "close() in finally, defer, with, try-with-resources or a destructor, once for each descriptor. For a clean end: shutdown(SHUT_WR), read until EOF with a time-out, close()."},
		}, []string{"fin-wait2-held", "close-wait-eof-read", "inherited"}},
		{"time-wait-and-reuse", "TIME_WAIT, \"address already in use\", and SO_REUSEADDR", []topicPart{
			{"Why bind() fails", "A server that closed its connections first leaves them in TIME_WAIT on its port. After a restart bind() says EADDRINUSE, for a minute."},
			{"SO_REUSEADDR", "Before bind(), it lets a listener have a port on which there are connections in TIME_WAIT, but no listener (socket(7)). Every server wants it. It shortens no TIME_WAIT and lets no two listeners share a port: that is SO_REUSEPORT."},
			{"Clients", "A client that closes first uses up an ephemeral port for a minute each time: some 28,000 for one destination. Keep connections (a pool, HTTP keep-alive), let the server close first, or connect from more addresses. net.ipv4.tcp_tw_reuse=1 lets new connections take over ports that are old enough."},
			{"What not to do", "SO_LINGER with 0 seconds ends by a reset and throws away what was not sent."},
		}, []string{"time-wait", "port-pressure"}},
		{"half-open", "connections whose other end is gone without a word", []topicPart{
			{"How it comes", "The peer lost power, its cable was pulled, a NAT or firewall forgot the connection. No FIN, no reset: to this side it is ESTABLISHED (RFC 9293, section 3.5.1)."},
			{"How it ends", "Sending finds out: after net.ipv4.tcp_retries2 attempts, some 15 minutes, with ETIMEDOUT. A thread that only waits in recv() never finds out."},
			{"What to do", "A time-out on every read; or SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT (the default waits two hours); TCP_USER_TIMEOUT for data that nobody acknowledges; or a ping in the protocol (tcp(7))."},
			{"Not to be confused with", "half-closed: one side said FIN and the other goes on sending. That is legal, and has an end."},
		}, []string{"dead-peer", "send-stuck"}},
		{"garbage-collection", "sockets that a language closes when it finds the time", []topicPart{
			{"What happens", "In Python, Go, Java, Node.js, Ruby and .NET an object that nobody refers to is closed when the collector comes to it. That depends on memory, not on descriptors: with little garbage it may never come. Until then the kernel has an open connection that no code can reach any more."},
			{"How it looks", "ESTABLISHED or CLOSE_WAIT, no thread and no event loop waits, data piles up unread, and the number falls all at once when the collector runs."},
			{"CPython", "counts references, so that most sockets close at once; a cycle, an exception's traceback, a makefile() or a registry of clients keeps one. PYTHONTRACEMALLOC=20 with -X dev prints where an unclosed socket was made."},
			{"Go", "os.File and net.Conn have cleanups that may close late; http.Response.Body must be closed, also after an error of decoding."},
			{"JVM", "Cleaners run after a collection, finalizers later or never. try-with-resources closes at the brace."},
			{"What to do", "Close where the use ends. Never leave it to the collector."},
		}, []string{"abandoned", "close-wait-eof-unread", "slow-leak"}},
		{"pools", "when a pool of connections is healthy, and when it leaks", []topicPart{
			{"Healthy", "A bounded number of idle connections, the same ones for long; some in CLOSE_WAIT until the pool looks at them again."},
			{"Leaking", "Borrowed and not given back: the number grows to the pool's limit, then everybody waits. Or a new pool for every request."},
			{"What to do", "One pool for the program; give back in finally; let the pool test or drop connections that are older than the server's own idle time-out."},
		}, []string{"dead-pool", "slow-leak", "survivors"}},
		{"descriptors-and-fork", "who else has the socket", []topicPart{
			{"Inheriting", "A child gets every descriptor that lacks FD_CLOEXEC. A connection stays open until the last of them is closed, so a daemon that a request handler has started can hold a client's connection for days."},
			{"What to do", "SOCK_CLOEXEC with socket() and accept4(); Python and Go set it by themselves. In a child that serves: close the listener and the parent's ends."},
			{"How to see it", "sockleak ls TARGET --columns fd,peer,holders"},
		}, []string{"inherited", "duplicate-descriptors"}},
	}
}
