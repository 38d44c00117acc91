package leak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Registered reports whether an epoll set or a thread knows of the socket, in
// whatever way: then it may be a subscription that is silent.
func (c *Case) Registered(s *socket.Socket) Answer {
	w := s.Watch
	switch {
	case s.Polled:
		return Yes
	case w == nil && s.Has(socket.HasWatched) && !s.Watched:
		return No // the kernel's own list of waiters is empty
	case w == nil:
		return Unknown
	case w.Unwaited():
		return No // a runtime's own poller has it, and nothing of the program waits
	case len(w.Epolls)+len(w.Threads) > 0:
		return Yes
	case w.Doubt != "":
		return Unknown
	}
	return No
}

// Threaded reports whether a thread sleeps on the socket.
func Threaded(s *socket.Socket) bool { return s.Watch != nil && len(s.Watch.Threads) > 0 }

// watched says who waits for the sockets; "" when nobody looked.
func (c *Case) watched(list []*socket.Socket) string {
	var nobody, epoll, edge, doubt, looked int
	calls := map[string]int{}
	why := ""
	for _, s := range list {
		w := s.Watch
		if w == nil {
			continue
		}
		looked++
		switch {
		case s.Polled && len(w.Waiters) == 0:
			calls["a busy loop of poll or select"]++
		case w.Unwaited():
			nobody++
		case len(w.Waiters) > 0 && (s.Polled || len(w.Threads) > 0 || !w.Registered()): // waitingWords names them
		case len(w.Threads) > 0:
			calls[socket.CallName(w.Threads[0].Syscall)]++
		case len(w.Epolls) > 0:
			epoll++
			if w.Epolls[0].EdgeTriggered() {
				edge++
			}
		case w.Doubt != "":
			doubt++
			why = w.Doubt
		default:
			nobody++
		}
	}
	if looked == 0 {
		return ""
	}
	var parts []string
	if nobody == looked {
		return "by nothing: no thread, goroutine or epoll set waits for it"
	}
	if words := waitingWords(list); words != "" {
		parts = append(parts, words)
	}
	for _, name := range sortedKeys(calls) {
		parts = append(parts, fmt.Sprintf("%s by a thread in %s", ofAll(calls[name], looked), name))
	}
	if epoll > 0 {
		mode := "level-triggered"
		if edge > 0 {
			mode = "edge-triggered"
		}
		parts = append(parts, fmt.Sprintf("%s by an epoll set (%s)", ofAll(epoll, looked), mode))
	}
	parts = append(parts, ownerWords(list)...)
	if doubt > 0 {
		parts = append(parts, fmt.Sprintf("%s not known: %s", ofAll(doubt, looked), why))
	}
	if nobody > 0 {
		parts = append(parts, fmt.Sprintf("%d by nothing", nobody))
	}
	return strings.Join(parts, "; ")
}

func ofAll(n, all int) string {
	if n == all {
		return "all"
	}
	return fmt.Sprint(n)
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// WatchedWords says who waits for one socket.
func (c *Case) WatchedWords(s *socket.Socket) string { return c.watched([]*socket.Socket{s}) }
