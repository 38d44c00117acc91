//go:build linux

package enrich

import (
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// mostEntries is how many entries an epoll set may have for us to read it. The
// kernel holds the set's mutex while it prints one, a microsecond for each
// entry, and the program waits.
const mostEntries = 512

// epolls returns what the epoll sets of a process watch, in which there can be
// no more than it has descriptors. Where the look itself has read the
// descriptor table, it is not read again to find the sets: that would double
// the cost of a look at many processes. A set that was opened since is not
// among them, nor are the sockets that came with it.
func (e *Enricher) epolls(p *socket.Process, waits source.Waits) (proc.Epolls, error) {
	if p.FDs < 0 || p.FDs > mostEntries {
		return proc.Epolls{}, errLargeSet
	}
	w, ok := waits[p.ID]
	if !ok || len(w.Others) > 0 {
		return e.fs.Epolls(p.ID.PID)
	}
	found, err := e.fs.EpollSets(p.ID, w.Epolls)
	found.IOURing = w.IOURing
	return found, err
}

var errLargeSet = errors.New("they may be large, and reading them would delay the program; the bpf source does without")

// usesIOURing reports whether one of the descriptors that the bpf source could
// not tell apart is an io_uring.
func (e *Enricher) usesIOURing(id socket.ProcessID, waits source.Waits) (bool, error) {
	const most = 4096 // readlink(2) for each
	others := waits[id].Others
	if len(others) > most {
		return false, errManyOthers
	}
	for _, fd := range others {
		kind, err := e.fs.KindOf(id.PID, fd)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if kind == proc.IOURing {
			return true, nil
		}
	}
	return false, nil
}

var errManyOthers = errors.New("too many of its descriptors could be one")

// registered returns the registrations that the bpf source has seen of the
// socket in epoll sets of the process. Its first holder also gets those in sets
// that no holder of the socket has a descriptor of.
func registered(s *socket.Socket, id socket.ProcessID, sets map[uint64][]socket.Holder) []socket.EpollWatch {
	var list []socket.EpollWatch
	for _, item := range s.Epolls {
		w := socket.EpollWatch{EpollFD: -1, FD: item.FD, Inode: s.Inode, Events: item.Events, Data: item.Data}
		known := false
		for _, h := range sets[item.Set] {
			w.Process, w.EpollFD = h.Process, h.FD
			known = known || s.HeldBy(h.Process)
			if h.Process == id {
				list = append(list, w)
			}
		}
		if !known && len(s.Holders) > 0 && s.Holders[0].Process == id {
			list = append(list, w)
		}
	}
	return list
}

// setHolders returns who holds each epoll set.
func setHolders(snap *socket.Snapshot) map[uint64][]socket.Holder {
	sets := make(map[uint64][]socket.Holder, len(snap.EpollSets))
	for _, set := range snap.EpollSets {
		sets[set.Set] = append(sets[set.Set], set.Holder)
	}
	return sets
}
