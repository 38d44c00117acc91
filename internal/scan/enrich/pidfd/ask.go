//go:build linux

package pidfd

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// answers is what a duplicate said of its socket.
type answers struct {
	netns                  uint64 // 0 without CAP_NET_ADMIN
	cookie                 uint64
	family, kind, protocol int
	local, remote          netip.AddrPort
	path                   string       // of a UNIX socket
	hasRemote              bool         // getpeername(2) had an answer
	listening              bool         // SO_ACCEPTCONN
	failed                 bool         // an error waits to be read (POLLERR)
	info                   unix.TCPInfo // of a TCP socket
	hasInfo                bool
}

// ask calls only what neither changes the socket nor waits.
func ask(fd int, inode uint64) (a answers, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return a, err
	}
	if st.Ino != inode || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return a, ErrReplaced
	}
	for _, option := range []struct {
		name int
		into *int
	}{{unix.SO_DOMAIN, &a.family}, {unix.SO_TYPE, &a.kind}, {unix.SO_PROTOCOL, &a.protocol}} {
		if *option.into, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, option.name); err != nil {
			return a, err
		}
	}
	a.cookie, _ = unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE) // Linux 4.12
	accepts, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	a.listening = err == nil && accepts == 1
	a.netns = netns(fd)
	if sa, err := unix.Getsockname(fd); err == nil {
		a.local, a.path = address(sa)
	}
	if sa, err := unix.Getpeername(fd); err == nil {
		a.remote, _ = address(sa)
		_, always := sa.(*unix.SockaddrNetlink) // has an answer without being connected
		a.hasRemote = !always
	}
	poll := []unix.PollFd{{Fd: int32(fd)}}
	_, err = unix.Poll(poll, 0)
	a.failed = err == nil && poll[0].Revents&unix.POLLERR != 0
	if a.isTCP() {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			a.info, a.hasInfo = *info, true
		}
	}
	return a, nil
}

func (a *answers) isTCP() bool {
	return (a.family == unix.AF_INET || a.family == unix.AF_INET6) && a.kind == unix.SOCK_STREAM &&
		(a.protocol == unix.IPPROTO_TCP || a.protocol == unix.IPPROTO_MPTCP)
}

// netns returns the inode of the socket's network namespace, by the ioctl
// SIOCGSKNS (include/uapi/linux/sockios.h, Linux 4.10); 0 without
// CAP_NET_ADMIN over that namespace.
func netns(fd int) uint64 {
	const siocgskns = 0x894C
	ns, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), siocgskns, 0)
	if errno != 0 {
		return 0
	}
	defer unix.Close(int(ns))
	var st unix.Stat_t
	if unix.Fstat(int(ns), &st) != nil {
		return 0
	}
	return st.Ino
}

// address turns a socket address into an IP address, or a path.
func address(sa unix.Sockaddr) (netip.AddrPort, string) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), ""
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port)), ""
	case *unix.SockaddrUnix:
		return netip.AddrPort{}, sa.Name
	}
	return netip.AddrPort{}, ""
}
