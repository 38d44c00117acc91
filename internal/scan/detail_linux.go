package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// Detail adds to a snapshot what only suspicious sockets are worth: who waits
// for them, what is at the other end, and the flags of shared descriptors.
// It is meant for the last look before judging. What may not be read stays
// unknown, which the facts themselves say.
func (s *Scanner) Detail(ctx context.Context, snap *socket.Snapshot) error {
	byProcess := map[int][]*socket.Socket{}
	for _, sock := range snap.Sockets {
		if !suspicious(sock) {
			continue
		}
		for i := range sock.Holders {
			pid := sock.Holders[i].Process.PID
			byProcess[pid] = append(byProcess[pid], sock)
		}
	}
	for i := range snap.Processes {
		p := &snap.Processes[i]
		list := byProcess[p.ID.PID]
		if len(list) == 0 {
			continue
		}
		p.Runtime = s.sys.proc.Runtime(p)
		s.sys.watch(p, list)
		s.sys.flags(list)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return s.sys.peers(ctx, snap)
}

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

// watch notes for each socket which epoll sets and threads of the process
// wait for it.
func (sys *system) watch(p *socket.Process, list []*socket.Socket) {
	byFD := map[int32]*socket.Watch{}
	at := func(fd int32) *socket.Watch {
		if byFD[fd] == nil {
			byFD[fd] = &socket.Watch{}
		}
		return byFD[fd]
	}
	doubt := ""
	sets, err := sys.proc.Epolls(p.ID.PID)
	switch {
	case err != nil:
		doubt = "epoll sets could not be read: " + reason(err)
	case sets.IOURing:
		doubt = "the process uses io_uring"
	}
	for _, e := range sets.Watches {
		w := at(e.FD)
		w.Epolls = append(w.Epolls, e)
	}
	threads, err := sys.proc.BlockedThreads(p.ID.PID)
	if err != nil {
		doubt = "threads could not be read: " + reason(err)
		p.Idle = -1
	} else {
		p.Idle = len(threads.Blocked)
	}
	for _, t := range threads.Blocked {
		if t.Doubt != "" && doubt == "" {
			doubt = t.Doubt
		}
		for _, fd := range t.FDs {
			w := at(fd)
			w.Threads = append(w.Threads, socket.ThreadWait{Process: p.ID, TID: t.TID, Syscall: t.Syscall})
		}
	}
	for _, s := range list {
		merge(s, p.ID, byFD, doubt)
	}
}

// merge adds what one holder of a socket knows to the socket's Watch.
func merge(s *socket.Socket, id socket.ProcessID, byFD map[int32]*socket.Watch, doubt string) {
	if s.Watch == nil {
		s.Watch = &socket.Watch{}
	}
	for i := range s.Holders {
		if s.Holders[i].Process != id {
			continue
		}
		if w := byFD[s.Holders[i].FD]; w != nil {
			s.Watch.Epolls = append(s.Watch.Epolls, w.Epolls...)
			s.Watch.Threads = append(s.Watch.Threads, w.Threads...)
		}
	}
	if s.Watch.Doubt == "" {
		s.Watch.Doubt = doubt
	}
}

// flags reads the descriptor flags of sockets that several processes hold.
func (sys *system) flags(list []*socket.Socket) {
	for _, s := range list {
		if len(s.Holders) < 2 {
			continue
		}
		for i := range s.Holders {
			h := &s.Holders[i]
			if h.FlagsKnown {
				continue
			}
			if cloexec, err := sys.proc.FDFlags(h.Process.PID, h.FD, s.Inode); err == nil {
				h.Inheritable, h.FlagsKnown = !cloexec, true
			}
		}
	}
}
