//go:build linux

package bpf

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// memoryText writes down an assembled program: the key, a line for each thing
// to know of it, and its code as the kernel takes it. The sum in the end shows
// whether all of it is there.
func memoryText(key string, a assembled) string {
	var b strings.Builder
	b.WriteString(key)
	line := func(name string, numbers ...uint64) {
		b.WriteString(name)
		for _, n := range numbers {
			b.WriteString(" " + strconv.FormatUint(n, 10))
		}
		b.WriteByte('\n')
	}
	line("attach", uint64(a.attachTo))
	line("tgid", uint64(a.tgidAt))
	for _, at := range a.callbacks {
		line("callback", uint64(at))
	}
	if a.countedRefs {
		line("counted-refs")
	}
	for o, facts := range a.lost {
		if facts != 0 {
			line("lost", uint64(o), uint64(facts))
		}
	}
	for _, what := range a.missing {
		b.WriteString("missing " + strconv.Quote(what) + "\n")
	}
	line("code", uint64(len(a.code)))
	var raw [insnSize]byte
	for _, i := range a.code {
		i.put(raw[:])
		b.Write(raw[:])
	}
	return b.String() + sumLine(b.String())
}

// sumLine is the last line, with the sum of those before.
func sumLine(text string) string {
	return "sum " + strconv.FormatUint(uint64(sum(text)), 10) + "\n"
}

// sum is the 32-bit FNV-1a hash.
func sum(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// parseMemory reads what memoryText has written. It fails on what has another
// key or is not whole.
func parseMemory(text, key string) (a assembled, ok bool) {
	at := strings.LastIndex(text, "sum ")
	if at < 0 || text[at:] != sumLine(text[:at]) {
		return assembled{}, false
	}
	text, ok = strings.CutPrefix(text[:at], key)
	for ok {
		var line string
		line, text, ok = strings.Cut(text, "\n")
		name, rest, _ := strings.Cut(line, " ")
		if name == "code" {
			return a, ok && a.takeCode(rest, text)
		}
		ok = ok && a.takeLine(name, rest)
	}
	return assembled{}, false
}

// takeLine takes in a line before the code.
func (a *assembled) takeLine(name, rest string) bool {
	if name == "missing" {
		what, err := strconv.Unquote(rest)
		a.missing = append(a.missing, what)
		return err == nil
	}
	first, second, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(first, 10, 32)
	switch name {
	case "attach":
		a.attachTo = uint32(n)
	case "tgid":
		a.tgidAt = int(n)
	case "callback":
		a.callbacks = append(a.callbacks, uint32(n))
	case "counted-refs":
		a.countedRefs = true
		return rest == ""
	case "lost":
		facts, err := strconv.ParseUint(second, 10, 16)
		if err != nil || n >= uint64(objects) {
			return false
		}
		a.lost[n] = socket.Facts(facts)
	default:
		return false
	}
	return err == nil
}

// takeCode takes in the code, which ends the text.
func (a *assembled) takeCode(count, raw string) bool {
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > maxInsns || len(raw) != n*insnSize || a.tgidAt >= n {
		return false
	}
	a.code = make([]insn, n)
	for i := range a.code {
		a.code[i] = insnOf(raw[i*insnSize:])
	}
	return true
}

// insnSize is sizeof(struct bpf_insn), and maxInsns more than a program has
// (BPF_MAXINSNS of include/uapi/linux/bpf_common.h).
const (
	insnSize = 8
	maxInsns = 4096
)

func (i insn) put(raw []byte) {
	raw[0], raw[1] = i.code, i.regs
	binary.LittleEndian.PutUint16(raw[2:], uint16(i.off))
	binary.LittleEndian.PutUint32(raw[4:], uint32(i.imm))
}

func insnOf(raw string) insn {
	off := uint16(raw[2]) | uint16(raw[3])<<8
	imm := uint32(raw[4]) | uint32(raw[5])<<8 | uint32(raw[6])<<16 | uint32(raw[7])<<24
	return insn{raw[0], raw[1], int16(off), int32(imm)}
}
