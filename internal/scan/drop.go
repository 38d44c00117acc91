package scan

import (
	"slices"
	"strconv"

	"github.com/sockleak/sockleak/internal/socket"
)

// drop removes the processes, their descriptors, and the sockets that nobody
// else holds.
func (d *Draft) drop(pids map[int]bool) {
	isGone := func(h socket.Holder) bool { return pids[h.Process.PID] }
	d.snap.Sockets = slices.DeleteFunc(d.snap.Sockets, func(s *socket.Socket) bool {
		held := len(s.Holders) > 0
		s.Holders = slices.DeleteFunc(s.Holders, isGone)
		return held && len(s.Holders) == 0 || pids[s.KeptBy.PID]
	})
	d.snap.Processes = slices.DeleteFunc(d.snap.Processes, func(p socket.Process) bool { return pids[p.ID.PID] })
}

func itoa(n int) string { return strconv.Itoa(n) }
