package check

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// viewOf returns the part of a look that is about one process: it is the only
// target, and the sockets are those that it holds, with what waits for it in
// its accept queues and what it has closed on its ports.
func viewOf(snap *socket.Snapshot, p *socket.Process) *socket.Snapshot {
	v := *snap
	v.Gaps = slices.Clone(snap.Gaps)
	v.Processes = slices.Clone(snap.Processes)
	for i := range v.Processes {
		v.Processes[i].Target = v.Processes[i].ID == p.ID
	}
	ports := portsOf(snap, p.ID)
	v.Sockets = nil
	for _, s := range snap.Sockets {
		if s.HeldBy(p.ID) || len(s.Holders) == 0 && s.IsTCP() && ports[port{s.NetNS, s.Local.Port()}] {
			mine := *s // its details are filled in for each process
			v.Sockets = append(v.Sockets, &mine)
		}
	}
	return &v
}

// port is a local port of one network namespace.
type port struct {
	netns  uint64
	number uint16
}

// portsOf returns the TCP ports on which the process listens.
func portsOf(snap *socket.Snapshot, id socket.ProcessID) map[port]bool {
	ports := map[port]bool{}
	for _, s := range snap.Sockets {
		if s.State == socket.Listen && s.IsTCP() && s.HeldBy(id) {
			ports[port{s.NetNS, s.Local.Port()}] = true
		}
	}
	return ports
}
