//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
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
	data, err := fs.readNet(pid, "sockstat")
	return parseSockStat(data), err
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
	six, err := fs.readNet(pid, "sockstat6")
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) // a kernel without IPv6
	}
	return parseSockStat(six).InUse > 0
}

// readNet reads a file of /proc/PID/net, or of a living thread's where the
// thread leader has ended.
func (fs FS) readNet(pid int, name string) (data []byte, err error) {
	err = fs.anyThread(pid, func(dir string) (bool, error) {
		data, err = readFile(dir + "/net/" + name)
		return err == nil, err
	})
	return data, err
}

// parseSockStat takes the fields by name; those that are missing are 0.
func parseSockStat(data []byte) SockStat {
	var st SockStat
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || string(fields[0]) != "TCP:" && string(fields[0]) != "TCP6:" {
			continue
		}
		for i := 1; i+1 < len(fields); i += 2 {
			v, ok := parseUint(fields[i+1], 10)
			if !ok || v > 1<<31 {
				continue
			}
			switch string(fields[i]) {
			case "inuse":
				st.InUse = int(v)
			case "alloc":
				st.Alloc = int(v)
			case "orphan":
				st.Orphan = int(v)
			case "tw":
				st.TimeWait = int(v)
			}
		}
	}
	return st
}
