package scan

import (
	"context"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// identify says of every socket that no table of its process's namespace has
// what can be said. What is free comes first: the kernel's name of the
// protocol, and another look at the tables, also of other namespaces.
func (sys *system) identify(ctx context.Context, d *Draft, opts Options) error {
	if len(d.Unknown()) == 0 {
		return nil
	}
	nameProtocols(sys.proc, d)
	if err := sys.search(ctx, d); err != nil {
		return err
	}
	if opts.DuplicateDescriptors {
		if err := sys.duplicate(ctx, d); err != nil {
			return err
		}
	}
	for _, s := range d.Unknown() {
		explainProto(s)
		if d.partial && s.Presence != socket.NotDumpable {
			s.Presence = socket.PresenceUnknown // it may have been in the part that was missed
		}
	}
	return nil
}

// nameProtocols asks the descriptors for the names of their protocols, and
// drops the descriptors that were closed between two reads.
func nameProtocols(proc procfs.FS, d *Draft) {
	var gone []*socket.Socket
	for _, s := range d.Unknown() {
		s.Holders = slices.DeleteFunc(s.Holders, func(h socket.Holder) bool {
			name, err := proc.SockProtoName(h.Process.PID, h.FD, s.Inode)
			if isGone(err) {
				d.closed(h)
				return true
			}
			if err == nil {
				s.ProtoName = name
			}
			return false
		})
		if len(s.Holders) == 0 {
			gone = append(gone, s)
		}
	}
	d.forget(gone)
}

// explainProto turns the kernel's name of a protocol (struct proto.name) into
// facts. That the socket is in no table of its namespace says the rest: every
// bound or connected UDP, UNIX, packet and netlink socket is in one.
func explainProto(s *socket.Socket) {
	base, v6 := strings.CutSuffix(s.ProtoName, "v6")
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
		s.Family = familyOf(s.ProtoName)
		if s.ProtoName != "" {
			s.Presence = socket.NotDumpable
		}
		return
	}
	s.State, s.Facts = socket.Close, s.Facts|socket.HasState
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
