//go:build linux

package enrich

import (
	"slices"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/waiters"
)

// tasks are what the threads of a process do, as facts.
func tasks(threads proc.Threads) []socket.Task {
	list := make([]socket.Task, 0, len(threads.Running)+len(threads.Blocked)+len(threads.Others))
	for _, tid := range threads.Running {
		list = append(list, socket.Task{TID: tid, Running: true})
	}
	for _, sleeping := range [][]proc.ThreadSyscall{threads.Blocked, threads.Others} {
		for _, t := range sleeping {
			list = append(list, socket.Task{TID: t.TID, Call: t.Syscall, FDs: t.FDs, Doubt: t.Doubt})
		}
	}
	return list
}

// wanted are the descriptors of the sockets in the process, and of the epoll
// sets that watch them.
func (found *waiting) wanted(p socket.ProcessID, list []*socket.Socket) map[int32]bool {
	wanted := map[int32]bool{}
	for _, s := range list {
		for i := range s.Holders {
			if s.Holders[i].Process == p {
				wanted[s.Holders[i].FD] = true
			}
		}
		for _, e := range found.byInode[s.Inode] {
			wanted[e.EpollFD] = true
		}
	}
	return wanted
}

// stacks finds where in the program the sockets are waited for. Of the
// registrations in epoll sets only those of the sockets are looked at.
func (found *waiting) stacks(p *socket.Process, list []*socket.Socket, threads proc.Threads, deep depth) error {
	target := waiters.Target{Root: proc.Root, Process: p}
	wanted := found.wanted(p.ID, list)
	for _, t := range threads.Blocked {
		if !slices.ContainsFunc(t.FDs, func(fd int32) bool { return wanted[fd] }) {
			continue
		}
		target.Threads = append(target.Threads, waiters.Thread{TID: t.TID, Call: t.Syscall, FDs: t.FDs, PC: t.PC, SP: t.SP})
	}
	if t, ok := poller(p.ID, list, threads); ok {
		target.Threads = append(target.Threads, t)
	}
	var at []*socket.EpollWatch // where those of target.Epolls are kept
	for _, s := range list {
		for i := range found.byInode[s.Inode] {
			at = append(at, &found.byInode[s.Inode][i])
		}
	}
	for _, e := range at {
		target.Epolls = append(target.Epolls, *e)
	}
	sockets := map[int32]*socket.Socket{}
	if p.Runtime == socket.Python && deep == objects {
		for _, s := range list {
			for i := range s.Holders {
				if h := &s.Holders[i]; h.Process == p.ID {
					sockets[h.FD] = s
					target.Sockets = append(target.Sockets, waiters.Descriptor{FD: h.FD, Family: s.Family, Type: s.Type})
				}
			}
		}
	}
	seen, err := waiters.Look(target)
	for fd, o := range seen.Objects {
		sockets[fd].Object = &o
	}
	for i, e := range at {
		e.Poller, e.Owner = seen.Poller[i], seen.Owners[i]
		found.waiters[e.Inode] = append(found.waiters[e.Inode], seen.ByEpoll[i]...)
	}
	for fd, list := range seen.ByFD {
		w := found.at(fd)
		w.Waiters = append(w.Waiters, list...)
	}
	return err
}

// poller is the thread that runs and was seen to poll sockets of the process;
// ok is false where there are several to choose from.
func poller(p socket.ProcessID, list []*socket.Socket, threads proc.Threads) (t waiters.Thread, ok bool) {
	running := slices.Clone(threads.Running)
	for _, other := range threads.Others {
		if other.Syscall == "" { // it waits for memory, and runs on
			running = append(running, other.TID)
		}
	}
	if len(running) != 1 {
		return t, false
	}
	t = waiters.Thread{TID: running[0], Call: "a busy loop of poll or select", Running: true}
	for _, s := range list {
		for i := range s.Holders {
			if s.Polled && s.Holders[i].Process == p {
				t.FDs = append(t.FDs, s.Holders[i].FD)
			}
		}
	}
	return t, len(t.FDs) > 0
}
