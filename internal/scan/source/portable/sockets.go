package portable

import (
	"context"
	"fmt"
	"net/netip"

	gopsnet "github.com/shirou/gopsutil/v3/net"
	"github.com/sockleak/sockleak/internal/socket"
)

// Sockets calls yield for every socket descriptor of the process. The facts
// are state, addresses and protocol only; where the inode is known and gopsutil
// does not describe the socket, there are none. Another user's process needs
// the rights of the system's own tools: where these say nothing, the error
// wraps fs.ErrPermission.
func Sockets(ctx context.Context, p *socket.Process, yield func(fd int32, s *socket.Socket)) error {
	inodes, err := held(p)
	if err != nil {
		return fmt.Errorf("list descriptors of pid %d: %w", p.ID.PID, err)
	}
	list, err := gopsnet.ConnectionsPidWithContext(ctx, "all", int32(p.ID.PID))
	if err != nil {
		return fmt.Errorf("list connections of pid %d: %w", p.ID.PID, err)
	}
	after, err := held(p) // gopsutil read the descriptors in between
	if err != nil {
		return fmt.Errorf("list descriptors of pid %d again: %w", p.ID.PID, err)
	}
	for i := range list {
		fd, s := int32(list[i].Fd), convert(&list[i])
		if s.Inode = inodes[fd]; inodes != nil && (s.Inode == 0 || s.Inode != after[fd]) {
			continue // it may be another socket's by now
		}
		delete(inodes, fd)
		yield(fd, &s)
	}
	for fd, inode := range inodes {
		if after[fd] == inode {
			yield(fd, &socket.Socket{Inode: inode})
		}
	}
	return nil
}

// convert turns gopsutil's record into facts. Family and type have the
// numbers of the system's own headers, which differ only for IPv6.
func convert(c *gopsnet.ConnectionStat) socket.Socket {
	s := socket.Socket{
		Family: family(c), Type: socket.Type(c.Type), State: parseState(c.Status),
		Presence: socket.InTable, Facts: socket.HasState | socket.HasAddrs,
		Local: addrPort(c.Laddr), Remote: addrPort(c.Raddr),
	}
	if len(c.Uids) > 0 {
		s.UID = uint32(c.Uids[0])
	}
	switch {
	case s.Family == socket.Unix: // of which it gives no state
		s.State, s.Facts = socket.StateUnknown, 0
		s.UnixInfo = &socket.UnixInfo{Path: c.Laddr.IP}
	case s.Type == socket.Stream:
		s.Protocol = socket.TCP
	case s.Type == socket.Dgram:
		s.Protocol = socket.UDP
		if s.Remote.IsValid() { // as the kernel calls it; gopsutil gives no state
			s.State = socket.Established
		}
	}
	return s
}

func family(c *gopsnet.ConnectionStat) socket.Family {
	switch c.Family {
	case 1:
		return socket.Unix
	case 2:
		return socket.IPv4
	}
	return socket.IPv6 // AF_INET6 is 10, 23, 28 or 30, depending on the system
}

// parseState maps gopsutil's names, which follow netstat(8), to states.
func parseState(status string) socket.State {
	switch status {
	case "SYN_RECV", "SYN_RECEIVED":
		return socket.SynRecv
	case "FIN_WAIT1", "FIN_WAIT_1":
		return socket.FinWait1
	case "FIN_WAIT2", "FIN_WAIT_2":
		return socket.FinWait2
	case "CLOSED", "CLOSE", "NONE", "":
		return socket.Close
	}
	state, _ := socket.ParseState(status)
	return state
}

// addrPort returns the zero value for what is not an address, and for the
// unspecified one with port 0, which stands for "not connected".
func addrPort(a gopsnet.Addr) netip.AddrPort {
	ip, err := netip.ParseAddr(a.IP)
	if err != nil || a.Port > 65535 || ip.IsUnspecified() && a.Port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(a.Port))
}
