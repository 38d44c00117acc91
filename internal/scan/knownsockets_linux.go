package scan

import (
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// knownSockets is what the look before has found out of the sockets of one
// network namespace, by inode. It only says where to look: what is found there
// counts.
type knownSockets struct {
	tcp   map[uint64]sockdiag.Tuple // connections and listeners that a look-up finds again
	table map[uint64]string         // the tables that others are in

	absent       absences        // TCP sockets that were in no table
	shared       map[uint16]bool // ports on which several sockets listen
	mixedCgroups time.Time       // when the cgroup of the targets was seen not to have all their sockets

	count   int       // TCP sockets of the machine
	counted time.Time // when
}

func (k *knownSockets) forget() { *k = knownSockets{count: k.count, counted: k.counted} }

// remember keeps what the look has found. Left out is what has to be looked
// for in the tables each time: what is in none, for it may be by then;
// listeners that share a port (SO_REUSEPORT), of which a look-up finds any
// one, and whose accept queues are not told apart; and MPTCP sockets where the
// kernel has the ages only with their subflows, before Linux 6.10.
func (k *knownSockets) remember(l *tcpLook) {
	if l.all && !l.d.partial {
		k.absent.note(l.d)
	}
	if l.ports != nil {
		k.shared = map[uint16]bool{}
		for port, n := range l.ports {
			k.shared[port] = n > 1
		}
	}
	k.tcp, k.table = map[uint64]sockdiag.Tuple{}, map[uint64]string{}
	for _, s := range l.d.snap.Sockets {
		switch {
		case s.Presence != socket.InTable || s.NetNS != l.conn.NetNS():
		case s.State == socket.Listen && s.IsTCP() && k.shared[s.Local.Port()]:
		case s.Protocol == socket.MPTCP:
			if s.State == socket.Listen || s.Has(socket.HasTCPInfo) {
				k.table[s.Inode] = "mptcp"
			}
		case s.IsTCP() && s.Cookie != 0 && s.State != socket.BoundInactive && s.State != socket.Close:
			k.tcp[s.Inode] = tupleOf(s)
		case !s.IsTCP():
			k.table[s.Inode] = tableOf(s)
		}
	}
}

// tableOf is the table that a socket was found in; "" when it is not known.
func tableOf(s *socket.Socket) string {
	switch s.Family {
	case socket.Unix:
		return "unix"
	case socket.Netlink:
		return "netlink"
	case socket.Packet:
		return "packet"
	case socket.Vsock:
		return "vsock"
	}
	switch {
	case !s.Family.IP():
		return ""
	case s.Type == socket.Raw:
		return "raw"
	case s.Protocol == socket.UDP:
		return "udp"
	case s.Protocol == socket.UDPLite:
		return "udplite"
	case s.Protocol == socket.ICMP, s.Protocol == socket.ICMPv6:
		return "icmp"
	}
	return ""
}

// tablesOf returns the tables that the sockets can be in: those in which the
// others of the look before were, and of the rest what the names of their
// protocols say. It returns nil, for all tables, when something may be
// anywhere.
func (l *tcpLook) tablesOf(list []*socket.Socket) map[string]bool {
	wanted := map[string]bool{}
	names := 0
	for _, s := range list {
		if table := l.known.table[s.Inode]; table != "" {
			wanted[table] = true
			continue
		}
		if names++; names > manyNames || !l.name(s) {
			return nil
		}
		if mayBeTCP(s.ProtoName) && !l.known.absent.lasting(s, l.d.snap.Taken) {
			wanted["tcp"], wanted["mptcp"], wanted[boundTable] = true, true, true
		} else {
			addTable(wanted, s.ProtoName)
		}
	}
	return wanted
}

// name asks for the kernel's name of the protocol. It returns false when that
// is not known; of a descriptor that was closed meanwhile there is no need.
func (l *tcpLook) name(s *socket.Socket) bool {
	closed := false
	for i := range s.Holders {
		h := &s.Holders[i]
		name, err := l.proc.SockProtoName(h.Process.PID, h.FD, s.Inode)
		if err == nil && name != "" {
			s.ProtoName = name
			return true
		}
		closed = isGone(err)
	}
	return closed
}

// mayBeTCP reports whether sockets with the kernel's name of the protocol are
// in the TCP table.
func mayBeTCP(proto string) bool {
	switch strings.TrimSuffix(proto, "v6") {
	case "TCP", "MPTCP":
		return true
	}
	return false
}

// addTable adds the table of the sockets with the kernel's name of a protocol
// other than TCP, if there is one.
func addTable(tables map[string]bool, proto string) {
	switch strings.TrimSuffix(proto, "v6") {
	case "UNIX", "UNIX-STREAM":
		tables["unix"] = true
	case "RAW":
		tables["raw"] = true
	case "PING":
		tables["icmp"] = true
	case "PACKET":
		tables["packet"] = true
	case "UDP":
		tables["udp"] = true
	case "UDP-Lite", "UDPLITE":
		tables["udplite"] = true
	case "NETLINK":
		tables["netlink"] = true
	case "AF_VSOCK":
		tables["vsock"] = true
	}
}
