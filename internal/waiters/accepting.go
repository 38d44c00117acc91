//go:build linux

package waiters

import (
	"strings"

	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
)

// mostAccepting bounds of how many threads of a process it is asked whether they
// are to accept connections.
const mostAccepting = 4096

// Accepting finds the threads of the target that are to accept connections and
// do something else meanwhile: those in a function of Python that calls
// accept(), and the only thread that a program has. Of other programs that is
// not known. The error is as that of [Look].
func Accepting(t Target) ([]socket.Waiter, error) {
	prog, err := program.Open(t.Root, t.Process, budget)
	if err != nil {
		return nil, err
	}
	defer prog.Close()
	t.Threads = t.Threads[:min(len(t.Threads), mostAccepting)]
	l := &look{Target: t, tids: newTIDs(t.Root, t.Process.ID.PID), prog: prog, now: monotonic()}
	accepts := func(*Thread) bool { return len(l.Threads) == 1 }
	if l.python = l.openPython(); l.python != nil {
		accepting := l.python.interpreter.Accepting()
		accepts = func(t *Thread) bool {
			state := l.python.state(t.TID)
			return state != 0 && accepting.Thread(state)
		}
	}
	var list []socket.Waiter
	for i := range l.Threads {
		th := &l.Threads[i]
		if strings.HasPrefix(th.Call, "accept") || !accepts(th) {
			continue
		}
		if w := l.thread(th); len(w.Frames) > 0 {
			list = append(list, *w)
		}
	}
	return list, prog.Unread()
}
