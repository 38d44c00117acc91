//go:build linux

package memory

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"
)

// ReadMany fills the buffers, none of which is empty, with what lies at the
// addresses, and returns which were filled. It takes a third of the time that
// ReadAt takes for each. What it cannot read, ReadAt may.
func (p *Process) ReadMany(bufs [][]byte, addrs []uint64) []bool {
	const most = 1024 // UIO_MAXIOV
	read := make([]bool, len(bufs))
	for at := 0; at < len(bufs) && p.pid != 0; {
		n := min(most, len(bufs)-at)
		local, remote := make([]unix.Iovec, n), make([]unix.RemoteIovec, n)
		for i := range n {
			b := bufs[at+i]
			p.budget -= int64(len(b))
			local[i] = unix.Iovec{Base: &b[0]}
			local[i].SetLen(len(b))
			remote[i] = unix.RemoteIovec{Base: uintptr(addrs[at+i]), Len: len(b)}
		}
		if p.budget < 0 {
			return make([]bool, len(bufs))
		}
		got, err := unix.ProcessVMReadv(p.pid, local, remote, 0)
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSYS) { // seccomp filters deny it
			p.pid = 0
			break
		}
		for got = max(got, 0); n > 0 && got >= len(bufs[at]); n-- { // it ends where it cannot read on
			read[at] = true
			got -= len(bufs[at])
			at++
		}
		if n > 0 {
			at++
		}
	}
	// It finds the process by its pid each time, which may be another's by now, or
	// another program's: not as long as the memory is there that was opened.
	if at := slices.Index(read, true); at >= 0 {
		var b [1]byte
		if _, err := p.ReadAt(b[:], int64(addrs[at])); err != nil {
			return make([]bool, len(bufs))
		}
	}
	return read
}
