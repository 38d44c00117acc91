//go:build linux

package enrich

import "github.com/sockleak/sockleak/internal/socket"

// Bounds of what is found out about the sockets that a verdict hangs on. What
// they leave out is a gap.
const (
	maxPeers       = 8192 // other ends that are looked up, each some 4 us
	maxIdlePeers   = 512  // those of them that no side has closed and nothing waits for, unless somebody asks
	maxPeerHolders = 512  // other ends whose holders are searched for unless somebody asks
	maxHolders     = 4096 // sockets whose holders are searched for
	// How many descriptors of other processes are read to find holders, about 1 us
	// each, so that the cost of a look does not grow with the host: unless somebody
	// asks, and when the verdict hangs on it.
	maxPeerFDs      = 20_000
	maxAskedPeerFDs = 400_000
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

// unsettled reports whether it matters who holds the other end: where one side
// has closed, or data waits. Of healthy connections it is not worth reading
// the descriptors of other processes.
func unsettled(s *socket.Socket) bool {
	return s.State != socket.Established || s.RecvQ > 0 || s.SendQ > 0
}

// urgency is the order in which the other ends of connections are asked for
// where nobody says which.
func urgency(s *socket.Socket) int {
	switch {
	case s.State == socket.CloseWait && s.Listener == 0:
		return 0
	case s.State == socket.FinWait2:
		return 1
	case s.Listener != 0:
		return 2
	case s.RecvQ > 0 || s.SendQ > 0:
		return 3
	}
	return urgencies - 1
}

const urgencies = 5

// allQuestions asks about all suspicious sockets of the snapshot. It goes
// through them once, on all processors.
func allQuestions(snap *socket.Snapshot) *socket.Questions {
	var all suspected
	for _, part := range socket.InParts(snap.Sockets, suspectsOf) {
		all.merge(&part)
	}
	ask := &socket.Questions{Waiters: all.waiters, Holders: all.shared}
	for _, list := range all.connected[:urgencies-1] {
		ask.Peers = append(ask.Peers, list...)
	}
	idle := all.connected[urgencies-1] // nothing hangs on it
	ask.Peers = append(ask.Peers, idle[:min(len(idle), maxIdlePeers)]...)
	for _, s := range ask.Peers[:min(len(ask.Peers), maxPeers)] {
		if unsettled(s) && len(ask.PeerHolders) < maxPeerHolders {
			ask.PeerHolders = append(ask.PeerHolders, s)
		}
	}
	return ask
}

// suspected are the suspicious sockets, by what there is to ask.
type suspected struct {
	connected       [urgencies][]*socket.Socket // what is at their other end
	waiters, shared []*socket.Socket
}

func suspectsOf(list []*socket.Socket) (found suspected) {
	for _, s := range list {
		queued := s.Listener != 0 && s.IsTCP()
		if !queued && !suspicious(s) {
			continue
		}
		if !queued {
			if found.waiters == nil {
				found.waiters = make([]*socket.Socket, 0, len(list))
			}
			found.waiters = append(found.waiters, s)
		}
		if hasOtherEnd(s) && (s.IsTCP() || unsettled(s)) && s.State != socket.SynSent {
			at := &found.connected[urgency(s)]
			*at = append(*at, s)
		}
		if mayBeShared(s) {
			found.shared = append(found.shared, s)
		}
	}
	return found
}

func (all *suspected) merge(next *suspected) {
	for i := range next.connected {
		all.connected[i] = append(all.connected[i], next.connected[i]...)
	}
	if all.waiters == nil {
		all.waiters = next.waiters
	} else {
		all.waiters = append(all.waiters, next.waiters...)
	}
	all.shared = append(all.shared, next.shared...)
}

// hasOtherEnd reports whether the socket is of a kind whose other end can be
// found on this machine.
func hasOtherEnd(s *socket.Socket) bool {
	return s.IsTCP() && s.Remote.IsValid() && s.Remote.Port() != 0 ||
		s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerInode != 0
}

// mayBeShared reports whether a process that is not in the snapshot may hold
// the suspicious socket too. The bpf source has the kernel's count of
// references; without it only the connections that the peer or the program
// has ended are worth a walk over all processes. That listeners are shared is
// normal (prefork).
func mayBeShared(s *socket.Socket) bool {
	switch {
	case !suspicious(s) || s.State == socket.Listen:
		return false
	case s.Has(socket.HasShared):
		return s.Shared
	}
	return s.State == socket.CloseWait || s.State == socket.FinWait2
}

// suspectList is the sockets of one process of which it is asked who waits for
// them.
type suspectList struct {
	sockets []*socket.Socket
	shared  bool // some have several descriptors
}

// byProcess returns the asked sockets of each of the snapshot's processes.
func byProcess(asked []*socket.Socket, processes []socket.Process) []suspectList {
	at := make(map[socket.ProcessID]int, len(processes))
	for i := range processes {
		at[processes[i].ID] = i
	}
	parts := socket.InParts(asked, func(list []*socket.Socket) []suspectList { return listsOf(list, processes, at) })
	all := parts[0]
	for _, part := range parts[1:] {
		for i := range all {
			all[i].sockets = append(all[i].sockets, part[i].sockets...)
			all[i].shared = all[i].shared || part[i].shared
		}
	}
	return all
}

func listsOf(asked []*socket.Socket, processes []socket.Process, at map[socket.ProcessID]int) []suspectList {
	lists := make([]suspectList, len(processes))
	var last socket.ProcessID // neighbours are often of the same process
	var list *suspectList
	for _, s := range asked {
		for i := range s.Holders {
			if id := s.Holders[i].Process; list == nil || id != last {
				n, ok := at[id]
				if !ok {
					continue
				}
				last, list = id, &lists[n]
				if list.sockets == nil {
					list.sockets = make([]*socket.Socket, 0, min(max(processes[n].SocketFDs, 1), len(asked)))
				}
			}
			if n := len(list.sockets); n == 0 || list.sockets[n-1] != s { // else a duplicate in the same process
				list.sockets = append(list.sockets, s)
			}
			list.shared = list.shared || len(s.Holders) > 1
		}
	}
	return lists
}
