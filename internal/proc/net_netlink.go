//go:build linux

package proc

import "github.com/sockleak/sockleak/internal/socket"

// NetNetlink is [FS.NetTCP] for netlink sockets: /proc/PID/net/netlink. The
// queues count the kernel's buffers, which are larger than the messages in
// them. Those with port id 0 are the kernel's own ends, and are left out.
func (fs FS) NetNetlink(pid int, yield func(*socket.Socket) error) error {
	base := socket.Socket{Family: socket.Netlink}
	return fs.readTables(pid, []table{{"netlink", base, parseNetlink}}, yield)
}

// parseNetlink parses a row "sk Eth Pid Groups Rmem Wmem Dump Locks Drops
// Inode" (netlink_native_seq_show in net/netlink/af_netlink.c).
func parseNetlink(line []byte, s *socket.Socket) (why string) {
	var fields [10][]byte
	if !splitFields(line, fields[:]) {
		return "too few columns"
	}
	if string(fields[2]) == "0" {
		return "" // the kernel's own end
	}
	recv, okRecv := parseUint(fields[4], 10)
	send, okSend := parseUint(fields[5], 10)
	inode, okInode := parseUint(fields[9], 10)
	if !okRecv || !okSend || !okInode || recv > 1<<31 || send > 1<<31 {
		return "field is not a number"
	}
	s.RecvQ, s.SendQ, s.Inode = uint32(recv), uint32(send), inode
	s.Presence = socket.InTable
	s.Facts = socket.HasQueues
	return ""
}
