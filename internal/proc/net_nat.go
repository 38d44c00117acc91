//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
)

// Translates reports whether packets may get other addresses on their way through
// the network namespace of the calling thread: whether connections are tracked
// there, on which NAT rests (/proc/sys/net/netfilter/nf_conntrack_count), or are
// balanced by IPVS (/proc/thread-self/net/ip_vs_conn). It is true where that
// cannot be told. It needs no privilege.
func (fs FS) Translates() bool {
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
