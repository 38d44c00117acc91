//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
)

// NAT is what may happen to addresses on the way through a network namespace.
type NAT struct {
	// Translates is true when packets may get other addresses: connections are
	// tracked there, on which NAT rests (nf_conntrack), or balanced by IPVS.
	Translates bool
	// LeavesLoopback is true when packets from and to 127.0.0.0/8 may come from and
	// go to other machines (route_localnet of ip-sysctl.rst).
	LeavesLoopback bool
}

// NAT tells of the network namespace of the calling thread, from
// /proc/sys/net/netfilter/nf_conntrack_count, /proc/thread-self/net/ip_vs_conn and
// /proc/sys/net/ipv4/conf/*/route_localnet. What cannot be told is true. It needs
// no privilege.
func (fs FS) NAT() NAT {
	if !fs.translates() {
		return NAT{}
	}
	return NAT{Translates: true, LeavesLoopback: fs.leavesLoopback()}
}

func (fs FS) translates() bool {
	tracked, err := readFile(fs.root + "/sys/net/netfilter/nf_conntrack_count")
	if err == nil && string(bytes.TrimSpace(tracked)) != "0" || err != nil && !errors.Is(err, os.ErrNotExist) {
		return true
	}
	var buf [1024]byte // a heading, and what follows it
	balanced, err := readPath(fs.root+"/thread-self/net/ip_vs_conn", buf[:])
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) // such as a kernel without IPVS
	}
	return bytes.Count(balanced, []byte("\n")) > 1
}

func (fs FS) leavesLoopback() bool {
	interfaces := fs.root + "/sys/net/ipv4/conf/"
	list, err := os.ReadDir(interfaces)
	if err != nil || len(list) == 0 {
		return true
	}
	for _, name := range list { // "all" is one of them
		setting, err := readFile(interfaces + name.Name() + "/route_localnet")
		if err != nil && !errors.Is(err, os.ErrNotExist) || err == nil && string(bytes.TrimSpace(setting)) != "0" {
			return true
		}
	}
	return false
}
