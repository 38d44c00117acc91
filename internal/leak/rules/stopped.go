package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func stopped() leak.Rule {
	return leak.Rule{
		ID: "stopped", Title: "the program is stopped, and its clients wait", Severity: leak.Suspect,
		Doc: leak.Doc{
			Means: "The process is stopped by a signal or a debugger, or its cgroup is frozen. The kernel goes on to accept " +
				"connections and data for it; nobody answers.",
			Causes: "SIGSTOP or SIGTSTP (Ctrl-Z), a debugger, a paused container (cgroup.freeze), a virtual machine's agent.",
			Evidence: "State T or t in /proc/PID/stat, or a frozen cgroup, while connections wait in an accept queue, data lies " +
				"unread or peers have closed. The other rules do not judge a program that cannot run.",
			BlindSpot: "Who has stopped it.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "resume the process (kill -CONT PID, docker unpause, fg), or end it",
			socket.Python:         "resume the process (kill -CONT PID), or leave the debugger",
		}},
		Match: func(c *leak.Case, s *socket.Socket) bool { return c.Stopped(s) == leak.Yes && waitsForProgram(s) },
		Key: func(c *leak.Case, s *socket.Socket) leak.Key { // whatever its role: one cause
			k := leak.Key{}
			k.Program = c.Population(s).Program
			return k
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("is stopped while %s for it", plural(len(g.Sockets), "socket waits", "sockets wait"))
			var queued, unread, closed int
			for _, s := range g.Sockets {
				switch {
				case s.Listener != 0:
					queued++
				case s.State == socket.CloseWait:
					closed++
				default:
					unread++
				}
			}
			f.Evidence = append(f.Evidence, fmt.Sprintf("%d in an accept queue, %d with unread data, %d closed by their peers", queued, unread, closed))
		},
	}
}

// waitsForProgram reports whether the other end of a connection waits for the
// program to do something.
func waitsForProgram(s *socket.Socket) bool {
	switch {
	case s.Listener != 0, s.State == socket.CloseWait && len(s.Holders) > 0:
		return true
	}
	return s.State == socket.Established && s.RecvQ > 0 && s.Has(socket.HasQueues) && len(s.Holders) > 0
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
