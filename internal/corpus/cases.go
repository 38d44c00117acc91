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
	}
}
