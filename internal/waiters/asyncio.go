//go:build linux

package waiters

import "github.com/sockleak/sockleak/internal/socket"

// owners notes that a thread runs the loop of asyncio, and for whom that has
// registered sockets.
func (l *look) owners(t *Thread, w *socket.Waiter, registered []int) {
	if l.python == nil || len(registered) == 0 || len(w.Frames) == 0 {
		return
	}
	loop := l.python.interpreter.Loop(l.python.state(t.TID))
	if loop == nil {
		return
	}
	w.Loop = "asyncio"
	for _, r := range registered[:min(len(registered), mostStacks)] {
		if protocol, task := loop.Owner(l.Epolls[r].FD); protocol != "" || len(task) > 0 {
			l.found.Owners[r] = &socket.Owner{Protocol: protocol, Task: task}
		}
	}
}
