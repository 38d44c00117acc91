//go:build linux

package proc

import (
	"bytes"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Namespace describes the network namespace of a process. Its settings stay 0
// unless the process is in the namespace of the calling thread. It fails when the
// namespace of the process may not be seen (CAP_SYS_PTRACE).
func (fs FS) Namespace(pid int) (socket.Namespace, error) {
	id, err := fs.NetNS(pid)
	if err != nil {
		return socket.Namespace{}, err
	}
	ns := socket.Namespace{ID: id}
	ours, err := readNetNS(fs.root + "/thread-self")
	if err != nil || ours != id {
		return ns, nil
	}
	fs.NamespaceSettings(&ns)
	return ns, nil
}

// NamespaceSettings fills in the settings of the calling thread's own network
// namespace, from /proc/sys/net/ipv4; what it cannot read stays 0. It needs no
// privilege.
func (fs FS) NamespaceSettings(ns *socket.Namespace) {
	settings := fs.root + "/sys/net/ipv4/"
	ns.EphemeralLow, ns.EphemeralHigh = readPortRange(settings + "ip_local_port_range")
	ns.FinTimeout = readSeconds(settings + "tcp_fin_timeout")
}

// readPortRange reads two ports; it returns zeros when it cannot.
func readPortRange(path string) (low, high uint16) {
	data, err := readFile(path)
	fields := bytes.Fields(data)
	if err != nil || len(fields) != 2 {
		return 0, 0
	}
	first, ok1 := parseUint(fields[0], 10)
	last, ok2 := parseUint(fields[1], 10)
	if !ok1 || !ok2 || first > last || last > 0xffff {
		return 0, 0
	}
	return uint16(first), uint16(last)
}

// readSeconds reads a number of seconds; it returns 0 when it cannot.
func readSeconds(path string) time.Duration {
	data, err := readFile(path)
	n, ok := parseUint(bytes.TrimSpace(data), 10)
	if err != nil || !ok || n > 1<<31 {
		return 0
	}
	return time.Duration(n) * time.Second
}
