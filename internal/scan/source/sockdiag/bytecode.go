//go:build linux

package sockdiag

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The operations of INET_DIAG_REQ_BYTECODE (include/uapi/linux/inet_diag.h).
// Each is a conditional jump forward, struct inet_diag_bc_op{code, yes u8; no
// u16}: by yes bytes when it holds, by no bytes when not. A program accepts a
// socket by jumping to its end, and rejects it by jumping 4 bytes further.
const (
	bcJmp        = 1  // always jumps by no
	bcSGe        = 2  // local port >= the no field of a second op
	bcSLe        = 3  // local port <= the no field of a second op
	bcDGe        = 4  // remote port >= the no field of a second op
	bcDLe        = 5  // remote port <= the no field of a second op
	bcCgroupCond = 13 // in the cgroup with the u64 that follows; Linux 5.8+

	bcOp     = 4        // size of struct inet_diag_bc_op
	bcPort   = 2 * bcOp // size of a port comparison
	bcCgroup = bcOp + 8
	bcRange  = 2*bcPort + bcOp // >=, <=, and a jump to the end
)

// maxPortRanges keeps every jump of a program within its 16 bits.
const maxPortRanges = 3000

// bytecode is the program that accepts the sockets of the filter; empty when it
// accepts all.
func (f *Filter) bytecode() ([]byte, error) {
	ranges := append(portRanges(f.LocalPorts, bcSGe, bcSLe), portRanges(f.RemotePorts, bcDGe, bcDLe)...)
	if len(ranges) > maxPortRanges {
		return nil, fmt.Errorf("filter by %d separate ranges of ports: more than %d do not fit into a request", len(ranges), maxPortRanges)
	}
	var size int
	if f.CgroupID != 0 {
		size += bcCgroup
	}
	if n := len(ranges); n > 0 {
		size += n*bcRange - bcOp // the last needs no jump
	}
	b := make([]byte, 0, size)
	if f.CgroupID != 0 {
		b = appendOp(b, bcCgroupCond, bcCgroup, size+bcOp-len(b))
		b = binary.NativeEndian.AppendUint64(b, f.CgroupID)
	}
	start := len(b)
	for i, r := range ranges {
		// Where the next range starts; of the last, that is where it rejects.
		next := start + (i+1)*bcRange
		b = appendOp(b, r.ge, bcPort, next-len(b))
		b = appendOp(b, 0, 0, int(r.low))
		b = appendOp(b, r.le, bcPort, next-len(b))
		b = appendOp(b, 0, 0, int(r.high))
		if next < size {
			b = appendOp(b, bcJmp, bcOp, size-len(b))
		}
	}
	return b, nil
}

// appendOp appends a struct inet_diag_bc_op.
func appendOp(b []byte, code, yes uint8, no int) []byte {
	return binary.NativeEndian.AppendUint16(append(b, code, yes), uint16(no))
}

// portRange is a range of ports, its ends included, and the operations that
// compare with them.
type portRange struct {
	low, high uint16
	ge, le    uint8
}

// portRanges is the fewest ranges that hold the given ports and no others.
func portRanges(ports []uint16, ge, le uint8) []portRange {
	sorted := slices.Clone(ports)
	slices.Sort(sorted)
	var list []portRange
	for _, p := range sorted {
		if n := len(list); n > 0 && p-list[n-1].high <= 1 {
			list[n-1].high = p
			continue
		}
		list = append(list, portRange{p, p, ge, le})
	}
	return list
}
