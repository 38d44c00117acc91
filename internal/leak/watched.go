package leak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

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
		case w.Unwaited():
			nobody++
		case len(w.Waiters) > 0 && (len(w.Threads) > 0 || !w.Registered()): // waitingWords names them
		case len(w.Threads) > 0:
			calls[w.Threads[0].Syscall]++
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

// unwatched reports whether it is known that nobody waits for any of the
// sockets. A runtime that registers every socket with its own poller (Go,
// Node) proves nothing by it: there an edge-triggered registration counts as
// not known, and so as false.
func (c *Case) unwatched(list []*socket.Socket) bool {
	for _, s := range list {
		if !s.Watch.Nobody() {
			return false
		}
	}
	return len(list) > 0
}

// threaded reports whether a thread sleeps on one of the sockets.
func threaded(list []*socket.Socket) bool {
	return slices.ContainsFunc(list, func(s *socket.Socket) bool { return s.Watch != nil && len(s.Watch.Threads) > 0 })
}

// hands is how many threads of the process may be handling a connection that
// nobody waits for: those that do not sleep on a descriptor. It is -1 when
// that is not known.
func (c *Case) hands(id socket.ProcessID) int {
	p := c.Now().Process(id)
	if p == nil || p.Idle < 0 || p.Threads == 0 {
		return -1
	}
	return max(p.Threads-p.Idle, 0)
}
