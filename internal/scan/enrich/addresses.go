//go:build linux

package enrich

import (
	"context"
	"net"
	"net/netip"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// addresses are those of the interfaces of a network namespace.
type addresses struct {
	list map[netip.Addr]bool
	// translates is true when packets may get other addresses on their way
	// there, so that a connection's other end may be known by another name.
	translates bool
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
	found := addresses{list: map[netip.Addr]bool{}, translates: true}
	_ = in.Do(e.fs, func(uint64) error {
		found.translates = e.fs.Translates()
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
// even though addresses may be translated: connections that were accepted from
// a loopback address whose port no TCP socket of the namespace has. Translation
// changes where a connection goes to; it leaves a client its address and port,
// but where packets leave through another interface.
func closedLoopback(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket, listeners socket.Listeners) ([]*socket.Socket, error) {
	list = those(list, func(s *socket.Socket) bool {
		return s.Local.Addr().IsLoopback() && s.Remote.Addr().IsLoopback() && listeners.Accepted(s)
	})
	if len(list) == 0 {
		return nil, nil
	}
	filter := sockdiag.Filter{Brief: true}
	const few = 1000 // ports to compare each socket of the table with
	for i := 0; i < len(list) && len(list) <= few; i++ {
		filter.LocalPorts = append(filter.LocalPorts, list[i].Remote.Port())
	}
	used := map[netip.AddrPort]bool{}
	err := conn.TCP(ctx, filter, func(s *socket.Socket) error {
		used[s.Local] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return those(list, func(s *socket.Socket) bool { return !used[s.Remote] }), nil
}
