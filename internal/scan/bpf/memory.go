//go:build linux

package bpf

import (
	"fmt"
	"hash/fnv"
	"io"
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

func sumLine(text string) string {
	h := fnv.New32a()
	io.WriteString(h, text)
	return "sum " + strconv.Itoa(int(h.Sum32())) + "\n"
}

// parseMemory reads what memoryText has written. It fails on what is of
// another boot, is not whole, or lacks a symbol that is wanted by now.
func parseMemory(text, bootID string) (*btf, bool) {
	at := strings.LastIndex(text, "sum ")
	if at < 0 || text[at:] != sumLine(text[:at]) {
		return nil, false
	}
	lines := strings.Split(strings.TrimSuffix(text[:at], "\n"), "\n")
	if lines[0] != "boot "+bootID {
		return nil, false
	}
	k := &btf{ids: make(map[symbol]uint32), places: make(map[asked]place, len(lines))}
	told := make(map[symbol]bool)
	for _, line := range lines[1:] {
		word := strings.Fields(line)
		if len(word) != 4 {
			return nil, false
		}
		a, errA := strconv.ParseInt(word[2], 10, 16)
		b, errB := strconv.ParseUint(word[3], 10, 32)
		switch {
		case errA != nil || errB != nil:
			return nil, false
		case word[0] == "type":
			s := symbol{uint8(a), word[1]}
			told[s] = true
			if b != 0 {
				k.ids[s] = uint32(b)
			}
		default:
			k.places[asked{word[0], word[1]}] = place{int16(a), uint32(b)}
		}
	}
	for _, s := range symbols() {
		if !told[s] {
			return nil, false
		}
	}
	return k, true
}
