package scan

import "github.com/sockleak/sockleak/internal/socket"

// suspicious reports whether a socket is in a state that may need an
// explanation. All that is healthy and common must be left out: what follows
// costs a walk over the process's threads and epoll sets.
func suspicious(s *socket.Socket) bool {
	switch s.State {
	case socket.CloseWait, socket.FinWait2, socket.SynSent, socket.Listen:
		return len(s.Holders) > 0
	case socket.Established:
		return len(s.Holders) > 0 && (s.IsTCP() || s.Family == socket.Unix)
	}
	return false
}

// suspectList is the suspicious sockets of one process.
type suspectList struct {
	sockets []*socket.Socket
	shared  bool // some have several descriptors
	room    int  // how many there can be
}

// suspects returns the suspicious sockets of each of the snapshot's processes.
func suspects(snap *socket.Snapshot) []suspectList {
	lists := make([]suspectList, len(snap.Processes))
	at := map[socket.ProcessID]int{}
	for i := range snap.Processes {
		at[snap.Processes[i].ID], lists[i].room = i, max(snap.Processes[i].SocketFDs, 1)
	}
	var last socket.ProcessID // neighbours are often of the same process
	var list *suspectList
	for _, sock := range snap.Sockets {
		if !suspicious(sock) {
			continue
		}
		for i := range sock.Holders {
			if id := sock.Holders[i].Process; list == nil || id != last {
				n, ok := at[id]
				if !ok {
					continue
				}
				last, list = id, &lists[n]
			}
			if n := len(list.sockets); n == 0 || list.sockets[n-1] != sock { // else a duplicate in the same process
				list.add(sock)
			}
			list.shared = list.shared || len(sock.Holders) > 1
		}
	}
	return lists
}

func (l *suspectList) add(s *socket.Socket) {
	if l.sockets == nil {
		l.sockets = make([]*socket.Socket, 0, l.room)
	}
	l.sockets = append(l.sockets, s)
}
