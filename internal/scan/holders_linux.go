package scan

import (
	"cmp"
	"context"
	"os"
	"slices"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// wantedHolders are the sockets whose holders are to be found among all
// processes, by inode, each with the lists that the holders are added to.
type wantedHolders map[uint64][]*[]socket.Holder

func (w wantedHolders) addPeer(p *socket.Peer) {
	if p.Held() {
		w[p.Inode] = append(w[p.Inode], &p.Holders)
	}
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

// maxPeerFDs bounds how many descriptors of other processes are read to find
// out who holds the other ends and shared sockets, so that the cost of a look does not grow with
// the host. A name that was not found is left out of the report.
const maxPeerFDs = 20000

// candidates returns the processes outside the snapshot that may hold the
// wanted sockets, those with the fewest descriptors first, as far as maxPeerFDs goes.
func (sys *system) candidates(snap *socket.Snapshot) ([]int, error) {
	pids, err := sys.proc.PIDs()
	if err != nil {
		return nil, err
	}
	others, self := procfs.MayReadOthers(), uint32(os.Geteuid())
	size := make(map[int]int, len(pids))
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		if snap.HasPID(pid) {
			return true
		}
		if !others {
			if uid, err := sys.proc.Owner(pid); err != nil || uid != self {
				return true
			}
		}
		n, err := sys.proc.FDTable(pid)
		size[pid] = n
		return err != nil
	})
	slices.SortStableFunc(pids, func(a, b int) int { return cmp.Compare(size[a], size[b]) })
	sum := 0
	for i, pid := range pids {
		if sum += max(size[pid], 1); sum > maxPeerFDs {
			return pids[:i], nil
		}
	}
	return pids, nil
}

// findHolders finds the wanted sockets among the descriptors of all processes
// that are not in the snapshot, and adds to it the processes that hold some.
// Those that may not be read are left out, which the empty lists say.
func (sys *system) findHolders(ctx context.Context, snap *socket.Snapshot, wanted wantedHolders) error {
	if len(wanted) == 0 {
		return nil
	}
	pids, err := sys.candidates(snap)
	if err != nil {
		return err
	}
	found := make([]otherHolder, len(pids))
	parallel(len(pids), func(i int) {
		if ctx.Err() == nil {
			found[i] = sys.holder(pids[i], wanted)
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for i := range found {
		for _, f := range found[i].sockets {
			for _, list := range wanted[f.inode] {
				*list = append(*list, socket.Holder{Process: found[i].process.ID, FD: f.fd})
			}
		}
		if len(found[i].sockets) > 0 {
			snap.Processes = append(snap.Processes, found[i].process)
		}
	}
	slices.SortFunc(snap.Processes, byPID)
	return nil
}

// otherHolder is a process with what it holds of the wanted sockets; nothing
// when it has ended, or may not be read.
type otherHolder struct {
	process socket.Process
	sockets []heldSocket
}

// holder looks for the wanted sockets in one process. It changes nothing, and
// may be called from several goroutines.
func (sys *system) holder(pid int, wanted wantedHolders) otherHolder {
	stat, err := sys.proc.Stat(pid)
	if err != nil || stat.Ended() || stat.KernelThread() {
		return otherHolder{} // without a descriptor
	}
	var list []heldSocket
	_, err = sys.proc.SocketFDs(pid, func(fd int32, inode uint64) {
		if wanted[inode] != nil {
			list = append(list, heldSocket{inode, fd})
		}
	})
	if err != nil || len(list) == 0 {
		return otherHolder{}
	}
	p, err := sys.process(pid)
	if err != nil || p.ID.Start != stat.Start {
		return otherHolder{} // the pid was reused between two reads
	}
	return otherHolder{p, list}
}
