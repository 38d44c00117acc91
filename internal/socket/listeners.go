package socket

// Listeners tells which sockets of a snapshot came out of accept().
type Listeners struct {
	ports map[portKey]*Socket
	any   *[1 << 16 / 64]uint64 // a bit for each port in ports, of whatever namespace: a quick no; nil where few ask
	low   map[uint64]uint16
}

type portKey struct {
	netns uint64
	port  uint16
}

// NewListeners indexes the listeners of a snapshot: those of its processes,
// and the ports on which others listen in the same namespaces.
func NewListeners(snap *Snapshot) Listeners {
	l := Listeners{ports: map[portKey]*Socket{}, low: map[uint64]uint16{}}
	if len(snap.Sockets) > 1000 {
		l.any = new([1 << 16 / 64]uint64)
	}
	for _, ns := range snap.Namespaces {
		l.low[ns.ID] = ns.EphemeralLow
		for _, port := range ns.Listening {
			l.add(portKey{ns.ID, port}, nil)
		}
	}
	for _, s := range snap.Sockets {
		if s.State == Listen && s.IsTCP() {
			l.add(portKey{s.NetNS, s.Local.Port()}, s)
		}
	}
	return l
}

func (l Listeners) add(at portKey, s *Socket) {
	l.ports[at] = s
	if l.any != nil {
		l.any[at.port/64] |= 1 << (at.port % 64)
	}
}

// Of returns the listener of the snapshot on the socket's local port, or nil.
func (l Listeners) Of(s *Socket) *Socket {
	if !l.may(s.Local.Port()) {
		return nil
	}
	return l.ports[portKey{s.NetNS, s.Local.Port()}]
}

// may reports whether anybody may listen on the port, in whatever namespace.
func (l Listeners) may(port uint16) bool { return l.any == nil || l.any[port/64]&(1<<(port%64)) != 0 }

// Accepted reports whether a TCP socket came out of accept(): somebody
// listens on its local port, or an ephemeral port is at the other end only.
func (l Listeners) Accepted(s *Socket) bool {
	if s.State == Listen || !s.IsTCP() || s.Local.Port() == 0 {
		return false
	}
	port := s.Local.Port()
	if l.may(port) {
		if _, ok := l.ports[portKey{s.NetNS, port}]; ok {
			return true
		}
	}
	low := l.low[s.NetNS]
	return low != 0 && s.Local.Port() < low && s.Remote.Port() >= low
}
