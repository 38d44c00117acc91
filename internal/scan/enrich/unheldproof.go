//go:build linux

package enrich

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/sockleak/sockleak/internal/parallel"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// proveUnheld leaves those that no process of the machine holds, and that only
// one can keep. When there is one that was not kept at the look before, it reads
// the descriptors of all processes.
func (e *Enricher) proveUnheld(ctx context.Context, u *unheld, kept map[socket.ID]socket.ProcessID, b *source.Builder) error {
	wanted := map[uint64]bool{}
	for id, s := range u.found {
		if kept[id] == (socket.ProcessID{}) || kept[id] != s.KeptBy {
			wanted[s.Inode] = true
			for _, l := range u.through[id] {
				wanted[l.Inode] = true
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	holders, unread, err := e.heldAnywhere(ctx, wanted)
	if err != nil {
		if ctx.Err() == nil {
			b.Gap(socket.Gap{Where: "sockets that io_uring may keep", Why: source.Reason(err), Count: len(u.found)})
			clear(u.found)
		}
		return ctx.Err()
	}
	again := &unheld{users: u.users, before: u.before, listeners: u.listeners} // what has ended since was not kept
	if err := e.collectUnheld(ctx, again, b); err != nil {
		return err
	}
	maps.DeleteFunc(u.found, func(id socket.ID, s *socket.Socket) bool { return holders[s.Inode] != nil || again.found[id] == nil })
	doubtful := 0
	maps.DeleteFunc(u.found, func(id socket.ID, s *socket.Socket) bool {
		if wanted[s.Inode] && (u.users[s.KeptBy] == nil || e.sameNetNS(s.KeptBy.PID, unread) ||
			u.through[id] != nil && (u.strange[place(s)] || e.otherUser(u, u.through[id], holders))) {
			doubtful++
			return true
		}
		return false
	})
	if doubtful > 0 {
		b.Gap(socket.Gap{Where: "owners of sockets that no descriptor refers to", Count: doubtful,
			Why:  "io_uring keeps them, and several processes use it for the same port, or one could not be read",
			Hint: "look at all processes of the program, as root"})
	}
	return nil
}

// otherUser reports whether a process that is not one of the users holds one of
// the listeners and uses io_uring too, or may.
func (e *Enricher) otherUser(u *unheld, listeners []*socket.Socket, holders map[uint64][]int) bool {
	known := map[int]bool{}
	for id := range u.users {
		known[id.PID] = true
	}
	for _, l := range listeners {
		for _, pid := range holders[l.Inode] {
			if known[pid] {
				continue
			}
			if uses, err := e.fs.MapsIOURing(pid); err != nil && !errors.Is(err, fs.ErrNotExist) || uses {
				return true
			}
		}
	}
	return false
}

// heldAnywhere returns which processes hold descriptors of the inodes, and the
// processes that could not be read.
func (e *Enricher) heldAnywhere(ctx context.Context, inodes map[uint64]bool) (holders map[uint64][]int, unread []int, err error) {
	pids, err := e.fs.PIDs()
	if err != nil {
		return nil, nil, err
	}
	sum := 0
	for _, pid := range pids {
		n, _ := e.fs.FDTable(pid)
		if sum += max(n, 0); sum > maxAskedPeerFDs {
			return nil, nil, fmt.Errorf("the processes of the machine have more than %d descriptors to compare", maxAskedPeerFDs)
		}
	}
	found, failed := make([][]uint64, len(pids)), make([]bool, len(pids))
	parallel.Do(len(pids), func(i int) {
		if ctx.Err() != nil {
			return
		}
		_, err := e.fs.SocketFDs(pids[i], func(_ int32, inode uint64) {
			if inodes[inode] {
				found[i] = append(found[i], inode)
			}
		})
		failed[i] = err != nil && !errors.Is(err, fs.ErrNotExist)
	})
	holders = map[uint64][]int{}
	for i, pid := range pids {
		for _, inode := range found[i] {
			holders[inode] = append(holders[inode], pid)
		}
		if failed[i] {
			unread = append(unread, pid)
		}
	}
	return holders, unread, ctx.Err()
}

// sameNetNS reports whether one of the others lives in the network namespace of
// the process, or may.
func (e *Enricher) sameNetNS(pid int, others []int) bool {
	key, err := e.fs.NetKey(pid)
	for _, other := range others {
		theirs, theirErr := e.fs.NetKey(other)
		if err != nil || theirErr != nil || theirs == key {
			return true
		}
	}
	return false
}
