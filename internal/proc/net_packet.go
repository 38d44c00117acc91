//go:build linux

package proc

import "github.com/sockleak/sockleak/internal/socket"

// NetPacket is [FS.NetTCP] for packet sockets (packet(7)):
// /proc/PID/net/packet. SendQ is not in the table. RecvQ counts the kernel's
// buffers, which are larger than the packets in them.
func (fs FS) NetPacket(pid int, yield func(*socket.Socket) error) error {
	base := socket.Socket{Family: socket.Packet}
	return fs.readTables(pid, []table{{"packet", base, parsePacket}}, yield)
}

// parsePacket parses a row "sk RefCnt Type Proto Iface R Rmem User Inode"
// (packet_seq_show in net/packet/af_packet.c).
func parsePacket(line []byte, s *socket.Socket) (why string) {
	var fields [9][]byte
	if !splitFields(line, fields[:]) {
		return "too few columns"
	}
	typ, okType := parseUint(fields[2], 10)
	device, okDevice := parseUint(fields[4], 10)
	recv, okRecv := parseUint(fields[6], 10)
	uid, okUID := parseUint(fields[7], 10)
	inode, okInode := parseUint(fields[8], 10)
	if !okType || !okDevice || !okRecv || !okUID || !okInode || typ > 0xff || max(device, recv, uid) > 1<<32-1 {
		return "field is not a number"
	}
	s.Type = socket.Type(typ)
	s.Device, s.RecvQ, s.UID, s.Inode = uint32(device), uint32(recv), uint32(uid), inode
	s.Presence = socket.InTable
	s.Facts = socket.HasQueues
	return ""
}
