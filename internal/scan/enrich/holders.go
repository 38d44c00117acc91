//go:build linux

package enrich

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/sockleak/sockleak/internal/parallel"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// wantedHolders are the sockets whose holders are to be found among all
// processes, by inode, each with the lists that the holders are added to.
type wantedHolders map[uint64][]*[]socket.Holder

// holders finds the processes that hold the asked sockets and other ends, reading
// the descriptors of at most so many other processes' files.
func (e *Enricher) holders(ctx context.Context, snap *socket.Snapshot, ask *socket.Questions, budget int) error {
	wanted := wantedHolders{}
	for _, s := range ask.PeerHolders {
		if s.Peer.Held() && s.Peer.Holders == nil {
			wanted[s.Peer.Inode] = append(wanted[s.Peer.Inode], &s.Peer.Holders)
		}
	}
	wanted.inSnapshot(snap)
	more := wanted.limit(ask.PeerHolders)
	var shared []*socket.Socket
	for _, s := range ask.Holders {
		switch {
		case allCounted(s):
			s.Facts |= socket.HasHolders
		case len(shared) == maxHolders:
			more++
		default:
			shared = append(shared, s)
			wanted[s.Inode] = append(wanted[s.Inode], &s.Holders)
		}
	}
	left, err := e.findHolders(ctx, snap, wanted, budget)
	if err != nil {
		return err
	}
	complete := left == 0 && e.fs.SeesAll()
	for _, s := range shared {
		if complete && (s.Refs == 0 || s.Watched) || allCounted(s) {
			s.Facts |= socket.HasHolders // else a reference is in flight
		}
	}
	if more > 0 {
		addGap(snap, socket.Gap{Where: "other holders of some sockets", Count: more,
			Why: fmt.Sprintf("the holders of at most %d are searched for", maxHolders), Hint: "select fewer processes, or a port"})
	}
	return nil
}

// allCounted reports whether the kernel counts no more references to the socket
// than the descriptors that were found.
func allCounted(s *socket.Socket) bool {
	n := 0
	for i := range s.Holders {
		n += 1 + int(s.Holders[i].More)
	}
	return s.Has(socket.HasShared) && s.Refs > 0 && int(s.Refs) <= n
}

// limit leaves the first maxHolders of the other ends, in the order in which they
// were asked for, and returns how many it takes out.
func (w wantedHolders) limit(asked []*socket.Socket) (out int) {
	seen := map[uint64]bool{}
	for _, s := range asked {
		if s.Peer == nil || w[s.Peer.Inode] == nil || seen[s.Peer.Inode] {
			continue
		}
		if seen[s.Peer.Inode] = true; len(seen) > maxHolders {
			delete(w, s.Peer.Inode)
			out++
		}
	}
	return out
}

// inSnapshot takes out the sockets that the snapshot has with their holders.
func (w wantedHolders) inSnapshot(snap *socket.Snapshot) {
	for _, s := range snap.Sockets {
		if len(w) == 0 {
			return
		}
		if len(s.Holders) == 0 {
			continue
		}
		for _, list := range w[s.Inode] {
			*list = slices.Clone(s.Holders)
		}
		delete(w, s.Inode)
	}
}

// candidates returns the processes that may hold the wanted sockets and whose
// descriptors the snapshot does not have, those with the fewest descriptors first, as far as the budget
// goes, and how many there are besides: beyond it, or of other users.
func (e *Enricher) candidates(snap *socket.Snapshot, budget int) (list []int, left int, err error) {
	pids, err := e.fs.PIDs()
	if err != nil {
		return nil, 0, err
	}
	others, self := proc.MayReadOthers(), uint32(os.Geteuid())
	size, read := make(map[int]int, len(pids)), make(map[int]bool, len(snap.Processes))
	for i := range snap.Processes {
		read[snap.Processes[i].ID.PID] = snap.Processes[i].SocketFDs >= 0
	}
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		if read[pid] {
			return true
		}
		if !others {
			if uid, err := e.fs.Owner(pid); err != nil || uid != self {
				left++
				return true
			}
		}
		n, err := e.fs.FDTable(pid)
		size[pid] = n
		return err != nil && errors.Is(err, fs.ErrNotExist)
	})
	slices.SortStableFunc(pids, func(a, b int) int { return cmp.Compare(size[a], size[b]) })
	sum := 0
	for i, pid := range pids {
		if sum += max(size[pid], 1); sum > budget {
			return pids[:i], left + len(pids) - i, nil
		}
	}
	return pids, left, nil
}

// findHolders finds the wanted sockets among the descriptors of all processes
// whose descriptors the snapshot does not have, and adds to it the processes that hold some. It
// returns how many processes it could not look at.
func (e *Enricher) findHolders(ctx context.Context, snap *socket.Snapshot, wanted wantedHolders, budget int) (left int, err error) {
	if len(wanted) == 0 {
		return 0, nil
	}
	pids, left, err := e.candidates(snap, budget)
	if err != nil {
		return 0, err
	}
	found := make([]otherHolder, len(pids))
	parallel.Do(len(pids), func(i int) {
		if ctx.Err() == nil {
			found[i] = e.holder(pids[i], wanted)
		}
	})
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	known := make(map[socket.ProcessID]bool, len(snap.Processes))
	for i := range snap.Processes {
		known[snap.Processes[i].ID] = true
	}
	for i := range found {
		if found[i].unread {
			left++
		}
		for _, f := range found[i].sockets {
			for _, list := range wanted[f.inode] {
				h := socket.Holder{Process: found[i].process.ID, FD: f.fd}
				if len(*list) < socket.MaxHolders && !slices.ContainsFunc(*list, func(have socket.Holder) bool { return have.Process == h.Process && have.FD == h.FD }) {
					*list = append(*list, h)
				}
			}
		}
		if len(found[i].sockets) > 0 && !known[found[i].process.ID] {
			snap.Processes = append(snap.Processes, found[i].process)
		}
	}
	slices.SortFunc(snap.Processes, func(a, b socket.Process) int { return cmp.Compare(a.ID.PID, b.ID.PID) })
	return left, nil
}

// heldSocket is a descriptor of a socket.
type heldSocket struct {
	inode uint64
	fd    int32
}

// otherHolder is a process with what it holds of the wanted sockets; nothing
// when it has ended.
type otherHolder struct {
	process socket.Process
	sockets []heldSocket
	unread  bool // its descriptors could not be read
}

// holder looks for the wanted sockets in one process. It changes nothing, and
// may be called from several goroutines.
func (e *Enricher) holder(pid int, wanted wantedHolders) otherHolder {
	stat, err := e.fs.Stat(pid)
	if err != nil || stat.Ended() || stat.KernelThread() {
		return otherHolder{unread: err != nil && !errors.Is(err, fs.ErrNotExist)} // without a descriptor
	}
	var list []heldSocket
	_, err = e.fs.SocketFDs(pid, func(fd int32, inode uint64) {
		if wanted[inode] != nil {
			list = append(list, heldSocket{inode, fd})
		}
	})
	if err != nil {
		return otherHolder{unread: !errors.Is(err, fs.ErrNotExist)}
	}
	if len(list) == 0 {
		return otherHolder{}
	}
	p, err := e.fs.Process(pid)
	if err != nil || p.ID.Start != stat.Start {
		return otherHolder{unread: true} // the pid was reused between two reads
	}
	return otherHolder{process: p, sockets: list}
}
