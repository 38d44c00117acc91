package sockleaktest

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// look returns the sockets of this process, by descriptor, without the
// standard streams. It asks each descriptor itself with getsockopt(2): that
// needs no privilege, no netlink and no kernel module, and changes nothing.
func look() ([]Socket, error) {
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, fmt.Errorf("sockleaktest: list open descriptors: %w (is /proc mounted?)", err)
	}
	var list []Socket
	for _, name := range names {
		fd, err := strconv.Atoi(name.Name())
		if err != nil || fd <= unix.Stderr {
			continue
		}
		if s, ok := describe(fd); ok {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Socket) int { return cmp.Compare(a.FD, b.FD) })
	assignRoles(list)
	return list, nil
}

// describe asks a descriptor what it is; ok is false when it is no socket, or
// became another one meanwhile.
func describe(fd int) (s Socket, ok bool) {
	inode, ok := inodeOf(fd)
	if !ok {
		return s, false
	}
	option := func(name int) int {
		v, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, name) // 0 is "not known" in all of them
		return v
	}
	cookie, _ := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	s = Socket{
		FD:      fd,
		Network: networkName(option(unix.SO_DOMAIN), option(unix.SO_TYPE), option(unix.SO_PROTOCOL)),
		id:      identity{cookie, inode},
		reuse:   option(unix.SO_REUSEADDR) != 0,
	}
	if local, err := unix.Getsockname(fd); err == nil {
		s.Local, s.Path = address(local)
	}
	remote, err := unix.Getpeername(fd)
	if s.connected = err == nil; s.connected {
		s.Remote, s.remotePath = address(remote)
	}
	s.State = stateOf(fd, s, option(unix.SO_ACCEPTCONN) != 0, option(unix.SO_TYPE) == unix.SOCK_DGRAM)
	if s.State != listen {
		s.Unread, _ = unix.IoctlGetInt(fd, unix.SIOCINQ)
	}
	again, ok := inodeOf(fd)
	return s, ok && again == inode
}

// inodeOf returns the inode of the socket behind a descriptor.
func inodeOf(fd int) (uint64, bool) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return 0, false
	}
	return st.Ino, true
}

// stateOf returns the state of a socket: TCP knows its own (tcpi_state), of
// the other connection-oriented ones it follows from what they are bound to.
func stateOf(fd int, s Socket, listening, datagrams bool) string {
	switch {
	case listening:
		return listen
	case s.Network == "tcp":
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			return stateName(info.State)
		}
		return ""
	case s.connected:
		return established
	case s.Network == "unix" && !datagrams:
		return closed
	}
	return ""
}

// address returns the address of an IP socket, or the path of a UNIX one.
// The address of a socket that is not bound is the zero value.
func address(sa unix.Sockaddr) (netip.AddrPort, string) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return ipPort(netip.AddrFrom4(sa.Addr), sa.Port), ""
	case *unix.SockaddrInet6:
		return ipPort(netip.AddrFrom16(sa.Addr).Unmap(), sa.Port), ""
	case *unix.SockaddrUnix:
		if sa.Name != "@" { // what x/sys makes of no name at all
			return netip.AddrPort{}, sa.Name
		}
	}
	return netip.AddrPort{}, ""
}

func ipPort(a netip.Addr, port int) netip.AddrPort {
	if a.IsUnspecified() && port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(port))
}
