package sockleaktest

import "strconv"

// Role is the side of a connection that a socket is.
type Role int

// The roles. RoleUnknown is also that of sockets without connections.
const (
	RoleUnknown Role = iota
	Listener
	Accepted // by a listener: the server's end
	Opened   // by Dial: the client's end
)

// String returns the role in lower case, or "" when it is not known.
func (r Role) String() string {
	switch r {
	case Listener:
		return "listener"
	case Accepted:
		return "accepted"
	case Opened:
		return "opened"
	}
	return ""
}

// assignRoles finds out which of the sockets were accepted and which opened.
// The kernel does not say. It follows from a listener that is still there;
// where there is none, from SO_REUSEADDR, which Go sets on what listens and
// which accept(2) passes on, unless both ends have it.
func assignRoles(list []Socket) {
	listeners := map[string]bool{} // by port or path
	for i := range list {
		if list[i].State == listen {
			list[i].Role = Listener
			listeners[list[i].service()] = true
		}
	}
	ends := byAddresses(list)
	for i := range list {
		s := &list[i]
		if s.Role == Listener || !s.connected {
			continue
		}
		peer, here := ends[s.endpoints().reversed()]
		s.Role = roleOf(*s, listeners)
		if here && s.Role == roleOf(list[peer], listeners) {
			s.Role = RoleUnknown // they contradict each other
		}
	}
}

// roleOf judges one end by itself.
func roleOf(s Socket, listeners map[string]bool) Role {
	switch s.Network {
	case "tcp":
		switch {
		case listeners[s.service()]:
			return Accepted
		case s.reuse:
			return Accepted
		}
		return Opened
	case "unix": // a client's end is not bound; both ends of a pair are not
		switch {
		case s.Path != "" && listeners[s.service()]:
			return Accepted
		case s.Path == "" && s.remotePath != "":
			return Opened
		}
	case "udp":
		return Opened
	}
	return RoleUnknown
}

// service names what a listener listens on, and what it accepts has in common
// with it: a listener on all addresses accepts on each.
func (s Socket) service() string {
	if s.Local.IsValid() {
		return s.Network + ":" + strconv.Itoa(int(s.Local.Port()))
	}
	return s.Network + ":" + s.Path
}
