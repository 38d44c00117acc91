//go:build linux

package procfs

import (
	"bytes"
	"os"
)

// SockStat is the TCP line of /proc/PID/net/sockstat: how many sockets the
// network namespace of a process has. Counting them costs nothing.
type SockStat struct {
	InUse    int // in the tables; IPv4 and IPv6 together but for listeners
	Alloc    int // of all namespaces of the machine, which share the tables
	Orphan   int // closed by their program, not yet by the peer
	TimeWait int
}

// SockStat reads /proc/PID/net/sockstat. It needs no privilege.
func (fs FS) SockStat(pid int) (SockStat, error) {
	data, err := os.ReadFile(fs.path(pid, "net/sockstat"))
	if err != nil {
		return SockStat{}, fs.explain(pid, err)
	}
	return parseSockStat(data), nil
}

// parseSockStat takes the fields by name; those that are missing are 0.
func parseSockStat(data []byte) SockStat {
	var st SockStat
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || string(fields[0]) != "TCP:" {
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
