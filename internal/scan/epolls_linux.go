package scan

import (
	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// learn takes over what the source, which answered the look, found out by the
// way.
func (sys *system) learn(src Source) {
	sys.waiting = nil
	switch src := src.(type) {
	case *sockdiagSource:
		sys.waiting = src.waiting
	case *procfsSource:
		sys.waiting = src.waiting
	}
}

// epolls returns what the epoll sets of a process watch. Where the look itself
// has read the descriptor table, it is not read again to find the sets: that
// would double the cost of a look at many processes. A set that was opened
// since is not among them, nor are the sockets that came with it.
func (sys *system) epolls(id socket.ProcessID) (procfs.Epolls, error) {
	w, ok := sys.waiting[id]
	if !ok {
		return sys.proc.Epolls(id.PID)
	}
	found, err := sys.proc.EpollSets(id, w.epolls)
	found.IOURing = w.ioURing
	return found, err
}
