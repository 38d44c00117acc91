//go:build linux

package enrich

import (
	"context"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// maxUnixQueue bounds how many connections in the accept queue of one UNIX
// listener become sockets of the snapshot; the listener itself has their number.
const maxUnixQueue = 4096

// unixQueues adds the connections that wait for the UNIX listeners.
// They are in no table: the listener alone names their clients. It is asked only
// when somebody waits; where it cannot be, the number of those is all that is known.
func (e *Enricher) unixQueues(ctx context.Context, b *source.Builder) error {
	var order []uint64
	byNetNS := map[uint64]map[uint64]*socket.Socket{}
	for _, s := range b.Sockets() {
		if s.Family != socket.Unix || s.State != socket.Listen || !s.Has(socket.HasQueues) || s.RecvQ == 0 {
			continue
		}
		if byNetNS[s.NetNS] == nil {
			byNetNS[s.NetNS] = map[uint64]*socket.Socket{}
			order = append(order, s.NetNS)
		}
		byNetNS[s.NetNS][s.Inode] = s
	}
	for _, netns := range order {
		conn, err := e.conns.Of(netns, b.Processes())
		if err != nil {
			continue
		}
		err = conn.UnixQueues(ctx, func(listener uint64, clients []uint64) error {
			if l := byNetNS[netns][listener]; l != nil {
				unixQueue(b, l, clients[:min(len(clients), maxUnixQueue)])
			}
			return nil
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.Gap(socket.Gap{Where: "clients in the accept queues of UNIX listeners", Why: source.Reason(err), Hint: "try again when the host is less busy"})
		}
	}
	return nil
}

// unixQueue adds those that wait for one listener, but for clients that have
// closed since: nothing tells one of these from another.
func unixQueue(b *source.Builder, l *socket.Socket, clients []uint64) {
	for _, client := range clients {
		if client == 0 {
			continue
		}
		path := ""
		if l.UnixInfo != nil {
			path = l.UnixInfo.Path
		}
		b.Unheld(&socket.Socket{
			NetNS: l.NetNS, Family: socket.Unix, Type: l.Type, State: socket.Established, Presence: socket.InTable,
			Facts: socket.HasState, Listener: l.Inode, UnixInfo: &socket.UnixInfo{Path: path, PeerInode: client},
		})
	}
}
