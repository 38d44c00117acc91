package sockleaktest

import "net/netip"

// endpoints are the two addresses of a connection, seen from one end.
type endpoints struct {
	network       string
	local, remote netip.AddrPort
}

func (s Socket) endpoints() endpoints { return endpoints{s.Network, s.Local, s.Remote} }

func (e endpoints) reversed() endpoints { return endpoints{e.network, e.remote, e.local} }

// byAddresses returns the index of each connected IP socket in the list.
func byAddresses(list []Socket) map[endpoints]int {
	ends := map[endpoints]int{}
	for i, s := range list {
		if s.Local.IsValid() && s.Remote.IsValid() {
			ends[s.endpoints()] = i
		}
	}
	return ends
}
