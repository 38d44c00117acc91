package gops

import (
	"context"
	"fmt"
	"net/netip"

	gopsnet "github.com/shirou/gopsutil/v3/net"
	"github.com/sockleak/sockleak/internal/socket"
)

// Sockets calls yield for every socket descriptor of the process that
// gopsutil can describe. The facts are state, addresses and protocol only.
// Another user's process needs the rights of the system's own tools.
func Sockets(ctx context.Context, pid int, yield func(fd int32, s *socket.Socket)) error {
	list, err := gopsnet.ConnectionsPidWithContext(ctx, "all", int32(pid))
	if err != nil {
		return fmt.Errorf("list connections of pid %d: %w", pid, err)
	}
	for i := range list {
		s := convert(&list[i])
		yield(int32(list[i].Fd), &s)
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
	case s.Family == socket.Unix:
		s.UnixInfo = &socket.UnixInfo{Path: c.Laddr.IP}
	case s.Type == socket.Stream:
		s.Protocol = socket.TCP
	case s.Type == socket.Dgram:
		s.Protocol = socket.UDP
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
