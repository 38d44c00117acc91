//go:build linux

package bpf

import (
	"fmt"
	"strconv"
	"strings"
)

// asked is a member of a kernel struct that the program has asked for.
type asked struct{ of, path string }

// memoryText writes down what is known of the types: a line for each symbol,
// with its kind and its id, and for each member that was asked for, with its
// offset and its size; 0 and -1 stand for what the kernel does not have. The
// sum in the end shows whether all of it is there.
func memoryText(k *btf, bootID string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "boot %s\n", bootID)
	for _, s := range symbols() {
		fmt.Fprintf(&b, "type %s %d %d\n", s.name, s.kind, k.ids[s])
	}
	for m, p := range k.places {
		fmt.Fprintf(&b, "%s %s %d %d\n", m.of, m.path, p.offset, p.size)
	}
	return b.String() + sumLine(b.String())
}

// sumLine is the last line, with the 32-bit FNV-1a hash of those before.
func sumLine(text string) string {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return "sum " + strconv.Itoa(int(h)) + "\n"
}

// parseMemory reads what memoryText has written. It fails on what is of
// another boot, is not whole, or was written when other symbols were wanted.
func parseMemory(text, bootID string) (*btf, bool) {
	at := strings.LastIndex(text, "sum ")
	if at < 0 || text[at:] != sumLine(text[:at]) {
		return nil, false
	}
	text, ok := strings.CutPrefix(text[:at], "boot "+bootID+"\n")
	if !ok {
		return nil, false
	}
	wanted := symbols()
	k := &btf{ids: make(map[symbol]uint32, len(wanted)), places: make(map[asked]place, strings.Count(text, "\n"))}
	told := 0
	for line := range strings.Lines(text) {
		of, name, a, b, ok := cutLine(line)
		switch {
		case !ok:
			return nil, false
		case of != "type":
			k.places[asked{of, name}] = place{int16(a), uint32(b)}
		case told == len(wanted) || wanted[told] != symbol{uint8(a), name}:
			return nil, false
		default:
			if told++; b != 0 {
				k.ids[symbol{uint8(a), name}] = uint32(b)
			}
		}
	}
	return k, told == len(wanted)
}

// cutLine cuts a line into its two words and two numbers, which fit into 16
// bits with a sign and into 32 without.
func cutLine(line string) (of, name string, a, b int64, ok bool) {
	of, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	name, rest, _ = strings.Cut(rest, " ")
	first, second, _ := strings.Cut(rest, " ")
	a, errA := strconv.ParseInt(first, 10, 16)
	u, errB := strconv.ParseUint(second, 10, 32)
	return of, name, a, int64(u), errA == nil && errB == nil
}
