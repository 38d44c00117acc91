package scan

import (
	"context"
	"errors"
	"io/fs"

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
			if list := byProcess[pid]; len(list) == 0 || list[len(list)-1] != sock { // else a duplicate in the same process
				byProcess[pid] = append(list, sock)
			}
		}
	}
	unread := 0
	for i := range snap.Processes {
		p := &snap.Processes[i]
		list := byProcess[p.ID.PID]
		if len(list) == 0 {
			continue
		}
		if p.Runtime == socket.RuntimeUnknown {
			p.Runtime = s.sys.proc.Runtime(p)
		}
		if err := s.sys.watch(p, list); errors.Is(err, fs.ErrPermission) && p.Target {
			unread++
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if unread > 0 {
		snap.Gaps = append(snap.Gaps, socket.Gap{Where: "what threads wait for", Why: "permission denied", Count: unread,
			Hint: "it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or the same user; sockleak doctor says how"})
	}
	for _, list := range byProcess {
		doubtEmpty(list)
	}
	if err := s.measureLoad(ctx, snap); err != nil {
		return err
	}
	if err := s.sys.peers(ctx, snap); err != nil {
		return err
	}
	for _, list := range byProcess {
		s.sys.flags(list)
	}
	return nil
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
