//go:build linux

package proc

import (
	"errors"
	"os"

	"github.com/prometheus/procfs"
)

// SockStat is the TCP line of /proc/PID/net/sockstat: how many sockets the
// network namespace of a process has. Counting them costs nothing. Those of IPv6
// are counted apart: see [FS.HasTCP].
type SockStat struct {
	InUse    int // IPv4 sockets in the tables, without TIME_WAIT
	Alloc    int // of all namespaces of the machine, which share the tables
	Orphan   int // closed by their program, not yet by the peer
	TimeWait int
}

// SockStat reads /proc/PID/net/sockstat. It needs no privilege.
func (fs FS) SockStat(pid int) (SockStat, error) {
	var st SockStat
	err := fs.netFiles(pid, func(lib procfs.FS) error {
		file, err := lib.NetSockstat()
		if err == nil {
			st = sockStatOf(file, "TCP")
		}
		return err
	})
	return st, err
}

// HasTCP reports whether any TCP socket that a program may hold is in the tables
// of the process's network namespace (/proc/PID/net/sockstat and sockstat6); true
// where that cannot be told. To walk over tables that all namespaces share costs
// what the machine has, even where nothing is found. It needs no privilege.
func (fs FS) HasTCP(pid int) bool {
	four, err := fs.SockStat(pid)
	if err != nil || four.InUse > 0 {
		return true
	}
	var six SockStat
	err = fs.netFiles(pid, func(lib procfs.FS) error {
		file, err := lib.NetSockstat6()
		if err == nil {
			six = sockStatOf(file, "TCP6")
		}
		return err
	})
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) // a kernel without IPv6
	}
	return six.InUse > 0
}

// netFiles calls read with the files in /proc/PID/net, or in a living thread's
// where the thread leader has ended.
func (fs FS) netFiles(pid int, read func(procfs.FS) error) error {
	return fs.anyThread(pid, func(dir string) (bool, error) {
		lib, err := procfs.NewFS(dir)
		if err == nil {
			err = read(lib)
		}
		return err == nil, err
	})
}

// sockStatOf takes the numbers of a protocol; those that are missing are 0.
func sockStatOf(file *procfs.NetSockstat, protocol string) (st SockStat) {
	for i := range file.Protocols {
		p := &file.Protocols[i]
		if p.Protocol == protocol {
			st = SockStat{InUse: count(&p.InUse), Alloc: count(p.Alloc), Orphan: count(p.Orphan), TimeWait: count(p.TW)}
		}
	}
	return st
}

// count is a number of sockets that the kernel can have.
func count(n *int) int {
	if n == nil || *n < 0 || *n > 1<<31 {
		return 0
	}
	return *n
}
