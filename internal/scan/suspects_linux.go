package scan

import (
	"runtime"

	"github.com/sockleak/sockleak/internal/socket"
)

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

// suspectsShare is for how many sockets another goroutine is worth starting.
const suspectsShare = 8192

// suspects returns the suspicious sockets of each of the snapshot's processes,
// and those of which it is worth knowing what is at the other end. It goes
// through the sockets once, on all processors.
func suspects(snap *socket.Snapshot) ([]suspectList, peerLists) {
	n := max(1, min(runtime.GOMAXPROCS(0), len(snap.Sockets)/suspectsShare))
	at := make(map[socket.ProcessID]int, len(snap.Processes))
	for i := range snap.Processes {
		at[snap.Processes[i].ID] = i
	}
	parts, worth := make([][]suspectList, n), make([]peerLists, n)
	parallel(n, func(i int) {
		parts[i] = make([]suspectList, len(snap.Processes))
		for j := range parts[i] {
			parts[i][j].room = max(snap.Processes[j].SocketFDs/n, 1)
		}
		suspectsOf(snap.Sockets[i*len(snap.Sockets)/n:(i+1)*len(snap.Sockets)/n], at, parts[i], &worth[i])
	})
	for i := 1; i < n; i++ {
		for j := range parts[0] {
			parts[0][j].merge(parts[i][j])
		}
		worth[0].merge(worth[i])
	}
	return parts[0], worth[0]
}

// suspectsOf adds the suspicious ones of the list to those of each process;
// where these are in the lists is in at.
func suspectsOf(sockets []*socket.Socket, at map[socket.ProcessID]int, lists []suspectList, worth *peerLists) {
	var last socket.ProcessID // neighbours are often of the same process
	var list *suspectList
	for _, sock := range sockets {
		if !suspicious(sock) {
			continue
		}
		worth.add(sock)
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
