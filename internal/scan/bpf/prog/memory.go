//go:build linux

package prog

// A program is written down as numbers of four bytes, the low byte first: the
// sum of all that follows, the lengths of its parts, and what it is attached to;
// then the parts: the key, the notes, the callbacks, and the code as the kernel
// takes it. Nothing of package strings is used, see the package's comment.

const (
	wordSize   = 4
	insnSize   = 8 // sizeof(struct bpf_insn)
	headerSize = 6 * wordSize
)

// text writes the program down.
func (p *Program) text(key string) string {
	b := make([]byte, wordSize, headerSize+len(key)+len(p.Notes)+wordSize*len(p.Callbacks)+insnSize*len(p.Code))
	for _, n := range []int{len(key), len(p.Notes), len(p.Callbacks), len(p.Code), int(p.AttachTo)} {
		b = appendWord(b, uint32(n))
	}
	b = append(b, key...)
	b = append(b, p.Notes...)
	for _, at := range p.Callbacks {
		b = appendWord(b, at)
	}
	for _, i := range p.Code {
		b = append(b, i.Code, i.Regs, byte(i.Off), byte(uint16(i.Off)>>8))
		b = appendWord(b, uint32(i.Imm))
	}
	appendWord(b[:0], sum(string(b[wordSize:])))
	return string(b)
}

// parse reads what text has written. It fails on what has another key or is not
// whole.
func parse(text, key string) (p Program, ok bool) {
	if len(text) < headerSize || word(text, 0) != sum(text[wordSize:]) {
		return Program{}, false
	}
	keyLen, notesLen := int64(word(text, 1)), int64(word(text, 2))
	callbacks, insns := int64(word(text, 3)), int64(word(text, 4))
	if insns == 0 || int64(len(text)) != headerSize+keyLen+notesLen+wordSize*callbacks+insnSize*insns {
		return Program{}, false
	}
	p.AttachTo = word(text, 5)
	text = text[headerSize:]
	if text[:keyLen] != key {
		return Program{}, false
	}
	p.Notes, text = text[keyLen:keyLen+notesLen], text[keyLen+notesLen:]
	for i := range callbacks {
		p.Callbacks = append(p.Callbacks, word(text, i))
	}
	text = text[wordSize*callbacks:]
	p.Code = make([]Insn, insns)
	for i := range p.Code {
		low, high := word(text, 2*int64(i)), word(text, 2*int64(i)+1)
		p.Code[i] = Insn{byte(low), byte(low >> 8), int16(low >> 16), int32(high)}
	}
	return p, true
}

func appendWord(b []byte, n uint32) []byte {
	return append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}

// word returns the number at a place, counted in numbers.
func word(text string, i int64) uint32 {
	b := text[wordSize*i : wordSize*i+wordSize]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// sum is the 32-bit FNV-1a hash.
func sum(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}
