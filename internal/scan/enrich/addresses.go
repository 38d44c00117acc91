//go:build linux

package enrich

import (
	"context"
	"net"
	"net/netip"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// addresses are those of the interfaces of a network namespace, and what may
// happen to them there.
type addresses struct {
	list map[netip.Addr]bool
	nat  proc.NAT
}

// has reports whether the address belongs to the namespace. A link-local one is
// another on each link.
func (a *addresses) has(addr netip.Addr) bool {
	return addr.IsLoopback() || a.list[addr] && !addr.IsLinkLocalUnicast()
}

// addresses reads those of the network namespace, which a process of the
// snapshot lives in (or it is our own). Where they may not be read, only the
// loopback addresses are known.
func (e *Enricher) addresses(id uint64, snap *socket.Snapshot) addresses {
	in := netns.Namespace{ID: id, PID: e.fs.Self()}
	if id != 0 && id != e.ownNetNS() {
		for i := range snap.Processes {
			if snap.Processes[i].NetNS == id {
				in.PID = snap.Processes[i].ID.PID
				break
			}
		}
	}
	found := addresses{list: map[netip.Addr]bool{}, nat: proc.NAT{Translates: true, LeavesLoopback: true}}
	_ = in.Do(e.fs, func(uint64) error {
		found.nat = e.fs.NAT()
		list, err := net.InterfaceAddrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				found.list[p.Addr().Unmap()] = true
			}
		}
		return err // then nothing but a loopback address is known to be local
	})
	return found
}

// closedLoopback returns those of the sockets whose other end has been closed
// even though addresses may be translated: connections between loopback addresses,
// which do not leave the namespace, where no TCP socket is the client, or none the
// server of this client. Translation changes where a connection goes to; it leaves
// the client its address and port.
func closedLoopback(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket) ([]*socket.Socket, error) {
	list = those(list, func(s *socket.Socket) bool { return s.Local.Addr().IsLoopback() && s.Remote.Addr().IsLoopback() })
	if len(list) == 0 {
		return nil, nil
	}
	local, remote := map[netip.AddrPort]bool{}, map[netip.AddrPort]bool{} // of all others
	for _, s := range list {
		local[s.Remote], remote[s.Local] = false, false
	}
	var listens [1 << 16]bool
	filter := sockdiag.Filter{States: ^socket.StateSet(socket.BoundInactive), Brief: true}
	err := conn.TCP(ctx, filter, func(s *socket.Socket) error {
		if s.State == socket.Listen {
			listens[s.Local.Port()] = true
			return nil
		}
		if _, asked := local[s.Local]; asked {
			local[s.Local] = true
		}
		if _, asked := remote[s.Remote]; asked {
			remote[s.Remote] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return those(list, func(s *socket.Socket) bool {
		here, there := listens[s.Local.Port()], listens[s.Remote.Port()]
		client := there && !here // it is: its server may have another address
		server := here && !there
		return (client || !local[s.Remote]) && (server || !remote[s.Local])
	}), nil
}
