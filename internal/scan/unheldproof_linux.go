package scan

import (
	"context"
	"fmt"
	"maps"

	"github.com/sockleak/sockleak/internal/socket"
)

// proveUnheld leaves those that no process of the machine holds, and that only
// one can keep. When there is one that was not kept at the look before, it reads
// the descriptors of all processes.
func (sys *system) proveUnheld(ctx context.Context, u *unheld, kept map[socket.ID]socket.ProcessID, d *Draft) error {
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
	holders, unread, err := sys.heldAnywhere(ctx, wanted)
	if err != nil {
		if ctx.Err() == nil {
			d.Gap(socket.Gap{Where: "sockets that io_uring may keep", Why: reason(err), Count: len(u.found)})
			clear(u.found)
		}
		return ctx.Err()
	}
	again := &unheld{users: u.users, before: u.before, listeners: u.listeners} // what has ended since was not kept
	if err := sys.collectUnheld(ctx, again, d); err != nil {
		return err
	}
	maps.DeleteFunc(u.found, func(id socket.ID, s *socket.Socket) bool { return holders[s.Inode] != nil || again.found[id] == nil })
	doubtful := 0
	maps.DeleteFunc(u.found, func(id socket.ID, s *socket.Socket) bool {
		if wanted[s.Inode] && (u.users[s.KeptBy] == nil || sys.sameNetNS(s.KeptBy.PID, unread) ||
			u.through[id] != nil && (u.strange[place(s)] || sys.otherUser(u, u.through[id], holders))) {
			doubtful++
			return true
		}
		return false
	})
	if doubtful > 0 {
		d.Gap(socket.Gap{Where: "whose the sockets are that no descriptor refers to", Count: doubtful,
			Why:  "io_uring keeps them, and several processes use it for the same port, or one could not be read",
			Hint: "look at all processes of the program, as root"})
	}
	return nil
}

// otherUser reports whether a process that is not one of the users holds one of
// the listeners and uses io_uring too, or may.
func (sys *system) otherUser(u *unheld, listeners []*socket.Socket, holders map[uint64][]int) bool {
	known := map[int]bool{}
	for id := range u.users {
		known[id.PID] = true
	}
	for _, l := range listeners {
		for _, pid := range holders[l.Inode] {
			if known[pid] {
				continue
			}
			if uses, err := sys.proc.MapsIOURing(pid); err != nil && !isGone(err) || uses {
				return true
			}
		}
	}
	return false
}

// heldAnywhere returns which processes hold descriptors of the inodes, and the
// processes that could not be read.
func (sys *system) heldAnywhere(ctx context.Context, inodes map[uint64]bool) (holders map[uint64][]int, unread []int, err error) {
	pids, err := sys.proc.PIDs()
	if err != nil {
		return nil, nil, err
	}
	sum := 0
	for _, pid := range pids {
		n, _ := sys.proc.FDTable(pid)
		if sum += max(n, 0); sum > maxAskedPeerFDs {
			return nil, nil, fmt.Errorf("the processes of the machine have more than %d descriptors to compare", maxAskedPeerFDs)
		}
	}
	found, failed := make([][]uint64, len(pids)), make([]bool, len(pids))
	parallel(len(pids), func(i int) {
		if ctx.Err() != nil {
			return
		}
		_, err := sys.proc.SocketFDs(pids[i], func(_ int32, inode uint64) {
			if inodes[inode] {
				found[i] = append(found[i], inode)
			}
		})
		failed[i] = err != nil && !isGone(err)
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
func (sys *system) sameNetNS(pid int, others []int) bool {
	key, err := sys.proc.NetKey(pid)
	for _, other := range others {
		theirs, theirErr := sys.proc.NetKey(other)
		if err != nil || theirErr != nil || theirs == key {
			return true
		}
	}
	return false
}
