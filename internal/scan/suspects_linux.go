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

// suspects returns the suspicious sockets of each of the snapshot's processes,
// and those of which it is worth knowing what is at the other end. It goes
// through the sockets once, on all processors.
func suspects(snap *socket.Snapshot) suspected {
	at := make(map[socket.ProcessID]int, len(snap.Processes))
	for i := range snap.Processes {
		at[snap.Processes[i].ID] = i
	}
	parts := socket.InParts(snap.Sockets, func(list []*socket.Socket) suspected { return suspectsOf(list, snap.Processes, at) })
	all := parts[0]
	for _, part := range parts[1:] {
		for i := range all.lists {
			all.lists[i].merge(part.lists[i])
		}
		all.worth.merge(part.worth)
	}
	return all
}

// suspected is what suspects finds.
type suspected struct {
	lists []suspectList // by process, as in the snapshot
	worth peerLists
}

// suspectsOf finds the suspicious ones of the list. Where a process is among
// the processes is in at.
func suspectsOf(sockets []*socket.Socket, processes []socket.Process, at map[socket.ProcessID]int) suspected {
	found := suspected{lists: make([]suspectList, len(processes))}
	for i := range processes {
		found.lists[i].room = min(max(processes[i].SocketFDs, 1), len(sockets))
	}
	var last socket.ProcessID // neighbours are often of the same process
	var list *suspectList
	for _, sock := range sockets {
		if !suspicious(sock) {
			continue
		}
		found.worth.add(sock)
		for i := range sock.Holders {
			if id := sock.Holders[i].Process; list == nil || id != last {
				n, ok := at[id]
				if !ok {
					continue
				}
				last, list = id, &found.lists[n]
			}
			if n := len(list.sockets); n == 0 || list.sockets[n-1] != sock { // else a duplicate in the same process
				list.add(sock)
			}
			list.shared = list.shared || len(sock.Holders) > 1
		}
	}
	return found
}

// merge adds the suspicious sockets that follow.
func (l *suspectList) merge(next suspectList) {
	l.sockets = append(l.sockets, next.sockets...)
	l.shared = l.shared || next.shared
}

func (l *suspectList) add(s *socket.Socket) {
	if l.sockets == nil {
		l.sockets = make([]*socket.Socket, 0, l.room)
	}
	l.sockets = append(l.sockets, s)
}
