//go:build linux

package enrich

import (
	"context"
	"slices"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/waiters"
)

// acceptors adds to the listeners where the threads of their holders are that
// are to accept connections. What cannot be read stays unknown.
func (e *Enricher) acceptors(ctx context.Context, snap *socket.Snapshot, list []*socket.Socket) error {
	if e.opts.NoStacks {
		return nil
	}
	for i, asked := range byProcess(list, snap.Processes) {
		if len(asked.sockets) == 0 || ctx.Err() != nil {
			continue
		}
		found := e.accepting(&snap.Processes[i])
		for _, s := range asked.sockets {
			watch := socket.Watch{Doubt: "nobody asked who waits for it"}
			if s.Watch != nil {
				watch = *s.Watch // it may be shared
			}
			watch.Elsewhere = append(slices.Clip(watch.Elsewhere), found...)
			s.Watch = &watch
		}
	}
	return ctx.Err()
}

// accepting returns the threads of the process that are to accept connections
// and do something else.
func (e *Enricher) accepting(p *socket.Process) []socket.Waiter {
	threads, err := e.fs.BlockedThreads(p.ID.PID)
	if err != nil {
		return nil
	}
	if p.Runtime == socket.RuntimeUnknown {
		p.Runtime = e.fs.Runtime(p)
	}
	p.Tasks = tasks(threads)
	target := waiters.Target{Root: proc.Root, Process: p}
	for _, list := range [][]proc.ThreadSyscall{threads.Blocked, threads.Others} {
		for _, t := range list {
			target.Threads = append(target.Threads, waiters.Thread{TID: t.TID, Call: t.Syscall, FDs: t.FDs, PC: t.PC, SP: t.SP})
		}
	}
	for _, tid := range threads.Running {
		target.Threads = append(target.Threads, waiters.Thread{TID: tid, Running: true})
	}
	found, _ := waiters.Accepting(target)
	return found
}
