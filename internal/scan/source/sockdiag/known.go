//go:build linux

package sockdiag

import (
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/socket"
)

// knowledge is what the look before has found out of the sockets of one network
// namespace, by inode. It only says where to look: what is found there counts.
type knowledge struct {
	tcp    map[uint64]Tuple  // connections and listeners that a look-up finds again
	table  map[uint64]string // the tables that others are in
	shared map[uint16]bool   // ports on which several sockets listen
	mixed  bool              // the cgroup of the targets was seen not to have all their sockets
}

// remember keeps what the look has found. Left out is what has to be looked
// for in the tables each time: what is in none, for it may be by then;
// listeners that share a port (SO_REUSEPORT), of which a look-up finds any
// one, and whose accept queues are not told apart; and MPTCP sockets where the
// kernel has the ages only with their subflows, before Linux 6.10.
func (k *knowledge) remember(l *look) {
	if l.ports != nil {
		k.shared = map[uint16]bool{}
		for port, n := range l.ports {
			k.shared[port] = n > 1
		}
	}
	k.tcp, k.table = map[uint64]Tuple{}, map[uint64]string{}
	for _, s := range l.b.Sockets() {
		switch {
		case s.Presence != socket.InTable || s.NetNS != l.conn.NetNS():
		case s.State == socket.Listen && s.IsTCP() && k.shared[s.Local.Port()]:
		case s.Protocol == socket.MPTCP:
			if s.State == socket.Listen || s.Has(socket.HasTCPInfo) {
				k.table[s.Inode] = tables.MPTCP
			}
		case s.IsTCP() && s.Cookie != 0 && s.State != socket.BoundInactive && s.State != socket.Close:
			k.tcp[s.Inode] = TupleOf(s)
		case !s.IsTCP():
			k.table[s.Inode] = tables.Where(s)
		}
	}
}

// TupleOf names the socket for a look-up.
func TupleOf(s *socket.Socket) Tuple {
	return Tuple{Local: s.Local, Remote: s.Remote, Device: s.Device, Cookie: s.Cookie}
}
