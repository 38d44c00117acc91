package golang

import "encoding/binary"

// mostAncestors bounds how many goroutines back are read.
const mostAncestors = 16

// Ancestors returns where the goroutine was started, as return addresses with the
// innermost first, where that one was, and so on. A program remembers it only
// with GODEBUG=tracebackancestors=N (runtime.ancestorInfo: a slice of program
// counters, the goroutine's id and its go statement).
func (r *Runtime) Ancestors(g Goroutine) (stacks [][]uint64) {
	const infoSize = 3*8 + 8 + 8
	if g.ancestors == 0 {
		return nil
	}
	head, ok := r.mem.Bytes(g.ancestors, 16, 16)
	if !ok {
		return nil
	}
	list := binary.LittleEndian.Uint64(head)
	for i := range min(binary.LittleEndian.Uint64(head[8:]), mostAncestors) {
		info, ok := r.mem.Bytes(list+i*infoSize, 16, 16)
		if !ok {
			break
		}
		n := min(binary.LittleEndian.Uint64(info[8:]), MostFrames)
		text, ok := r.mem.Bytes(binary.LittleEndian.Uint64(info), 8*n, 8*MostFrames)
		if !ok {
			break
		}
		pcs := make([]uint64, n)
		for k := range pcs {
			pcs[k] = binary.LittleEndian.Uint64(text[8*k:])
		}
		stacks = append(stacks, pcs)
	}
	return stacks
}
