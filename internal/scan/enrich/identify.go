//go:build linux

package enrich

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// identify says of every socket that no table of its process's namespace has
// what can be said. What is free comes first: the kernel's name of the
// protocol, and another look at the tables, also of other namespaces.
func (e *Enricher) identify(ctx context.Context, b *source.Builder) error {
	if len(b.Unknown()) == 0 {
		return nil
	}
	e.nameProtocols(b)
	if err := e.search(ctx, b); err != nil {
		return err
	}
	if e.opts.Duplicate {
		if err := e.duplicate(ctx, b); err != nil {
			return err
		}
	}
	for _, s := range b.Unknown() {
		b.Explain(s, explained(s.ProtoName))
	}
	return nil
}

// nameProtocols asks the descriptors for the names of their protocols, and
// drops the descriptors that were closed between two reads.
func (e *Enricher) nameProtocols(b *source.Builder) {
	var gone []*socket.Socket
	for _, s := range b.Unknown() {
		b.Release(s, func(h socket.Holder) bool {
			name, err := e.fs.SockProtoName(h.Process.PID, h.FD, s.Inode)
			if err == nil {
				b.Name(s, name)
			}
			return errors.Is(err, fs.ErrNotExist)
		})
		if len(s.Holders) == 0 {
			gone = append(gone, s)
		}
	}
	b.Forget(gone)
}

// explained turns the kernel's name of a protocol (struct proto.name) into
// facts. That the socket is in no table of its namespace says the rest: every
// bound or connected UDP, UNIX, packet and netlink socket is in one.
func explained(protocol string) (s socket.Socket) {
	base, v6 := strings.CutSuffix(protocol, "v6")
	s.Family = socket.IPv4
	if v6 {
		s.Family = socket.IPv6
	}
	switch base {
	case "TCP":
		s.Type, s.Protocol, s.Presence = socket.Stream, socket.TCP, socket.NotInTable
	case "MPTCP":
		s.Type, s.Protocol, s.Presence = socket.Stream, socket.MPTCP, socket.NotInTable
	case "UDP":
		s.Type, s.Protocol, s.Presence = socket.Dgram, socket.UDP, socket.Unattached
	case "UDP-Lite", "UDPLITE":
		s.Type, s.Protocol, s.Presence = socket.Dgram, socket.UDPLite, socket.Unattached
	case "PING":
		s.Type, s.Protocol, s.Presence = socket.Dgram, socket.ICMP, socket.Unattached
		if v6 {
			s.Protocol = socket.ICMPv6
		}
	case "RAW":
		s.Type, s.Presence = socket.Raw, socket.OtherNetNS
	case "NETLINK":
		s.Family, s.Presence = socket.Netlink, socket.Unattached
	case "UNIX", "UNIX-STREAM":
		s.Family, s.Presence = socket.Unix, socket.OtherNetNS
	case "PACKET":
		s.Family, s.Presence = socket.Packet, socket.OtherNetNS
	default:
		s.Family = familyOf(protocol)
		if protocol != "" {
			s.Presence = socket.NotDumpable
		}
		return s
	}
	s.State, s.Facts = socket.Close, socket.HasState
	return s
}

// familyOf names the families that no table shows by their protocol; others
// keep the kernel's name of it.
func familyOf(proto string) socket.Family {
	switch proto {
	case "AF_VSOCK":
		return socket.Vsock
	case "ALG":
		return socket.Alg
	case "XDP":
		return socket.XDP
	case "TIPC":
		return socket.TIPC
	case "SMC", "SMC6":
		return socket.SMC
	}
	return socket.Unspec
}
