package scan

import (
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// identify says of every socket that no table has what can be said: it asks
// the descriptor for the name of the protocol, and drops descriptors that
// were closed between two reads.
func identify(proc procfs.FS, d *Draft) {
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
			continue
		}
		explainProto(s)
	}
	d.forget(gone)
}

// explainProto turns the kernel's name of a protocol into facts. That the
// socket is in no table of its namespace says the rest: every bound or
// connected UDP, UNIX, packet and netlink socket is in one.
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
	case "RAW":
		s.Type, s.Presence = socket.Raw, socket.OtherNetNS
	case "NETLINK":
		s.Family, s.Presence = socket.Netlink, socket.Unattached
	case "UNIX", "UNIX-STREAM":
		s.Family, s.Presence = socket.Unix, socket.OtherNetNS
	case "PACKET":
		s.Family, s.Presence = socket.Packet, socket.OtherNetNS
	case "AF_VSOCK":
		s.Family, s.Presence = socket.Vsock, socket.NotDumpable
	case "":
		s.Family = socket.Unspec
		return
	default:
		s.Family, s.Presence = socket.Unspec, socket.NotDumpable
		return
	}
	s.State, s.Facts = socket.Close, s.Facts|socket.HasState
}
