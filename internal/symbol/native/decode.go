package native

import "encoding/binary"

// instruction is what an instruction of a function does to the stack.
type instruction struct {
	length   int
	effect   effect
	register uint64 // that is pushed, as DWARF numbers it
	amount   uint64 // by which the stack pointer is lowered
}

type effect uint8

const (
	none     effect = iota
	pushes          // a register
	lowers          // the stack pointer; also by a negative amount
	loses           // the stack pointer is not known any more
	branches        // on a condition: what follows is in the same place
	leaves          // what follows is reached from elsewhere
)

// number is the DWARF number of a register of amd64 (psABI, figure 3.36).
func number(hardware byte) uint64 {
	if hardware >= 8 {
		return uint64(hardware)
	}
	return uint64([8]byte{0, 2, 1, 3, 7, 6, 4, 5}[hardware])
}

// decode reads an instruction of amd64. known is false of those that compilers put
// seldom at the beginning of a function.
func decode(code []byte) (i instruction, known bool) {
	at, rex := 0, byte(0)
	for ; at < len(code); at++ {
		switch b := code[at]; {
		case b == 0x66 || b == 0xf2 || b == 0xf3 || b == 0x64:
		case b&0xf0 == 0x40:
			rex = b
		default:
			return decodeOpcode(code, at, rex)
		}
	}
	return i, false
}

// decodeOpcode goes on behind the prefixes.
func decodeOpcode(code []byte, at int, rex byte) (i instruction, known bool) {
	op, rest := code[at], code[at+1:]
	at++
	if i, known := decodeShort(op, at, rex); known {
		return i, true
	}
	if op == 0x0f {
		return decodeLong(rest, at)
	}
	constant := 0
	switch {
	case op < 0x40 && op&7 < 4: // add, or, and, sub, xor, cmp
	case op == 0x63, op == 0x84, op == 0x85, op >= 0x88 && op <= 0x8b, op == 0x8d: // mov, test, lea
	case op >= 0xd0 && op <= 0xd3, op == 0xff: // shifts; inc, dec, call, push
	case op == 0x80, op == 0x83, op == 0xc0, op == 0xc1, op == 0xc6, op == 0x6b:
		constant = 1
	case op == 0x81, op == 0xc7, op == 0x69:
		constant = 4
	case op == 0xf6 || op == 0xf7: // test, not, neg, mul, div
		if len(rest) > 0 && rest[0]>>3&7 < 2 {
			constant = int(op&1)*3 + 1
		}
	default:
		return i, false
	}
	n := operand(rest)
	if n == 0 || len(rest) < n+constant {
		return i, false
	}
	i.length = at + n + constant
	i.effect, i.amount = stackEffect(op, rest[0], rex, rest[n:])
	return i, true
}

// decodeShort reads instructions without a ModRM byte.
func decodeShort(op byte, at int, rex byte) (i instruction, known bool) {
	i.length = at
	switch {
	case op&0xf8 == 0x50: // push
		i.effect, i.register = pushes, number(op&7|rex&1<<3)
	case op&0xf8 == 0x58: // pop
		i.effect, i.amount = lowers, ^uint64(7) // -8
	case op == 0x6a, op == 0x68: // push of a constant, an argument
		i.effect, i.amount = lowers, 8
		i.length += 1 + int(op&2^2)/2*3
	case op == 0x90, op == 0x98, op == 0x99: // nop, cdqe, cqo
	case op&0xf8 == 0xb8: // mov of a constant
		i.length += 4 + int(rex&8)/2
	case op < 0x40 && op&7 == 4, op == 0xa8: // arithmetic of al
		i.length++
	case op < 0x40 && op&7 == 5, op == 0xa9: // and of eax
		i.length += 4
	case op&0xf0 == 0x70: // jcc
		i.length++
		i.effect = branches
	case op == 0xe8: // call
		i.length += 4
		i.effect = branches
	case op == 0xeb, op == 0xe9: // jmp
		i.length += 1 + int(op&2^2)/2*3
		i.effect = leaves
	case op == 0xc3, op == 0xc9: // ret, leave
		i.effect = leaves
	default:
		return i, false
	}
	return i, true
}

// stackEffect says what an instruction with a ModRM byte does to the stack pointer.
func stackEffect(op, modrm, rex byte, constant []byte) (effect, uint64) {
	const rsp = 4
	reg, rm := modrm>>3&7, modrm&7
	switch {
	case op == 0xff && reg == 2: // call
		return branches, 0
	case op == 0xff && reg == 6: // push
		return lowers, 8
	case op == 0xff && reg > 2: // jmp
		return leaves, 0
	}
	toRM := op < 0x40 && op&2 == 0 && op < 0x38 || op == 0x89 || op == 0x80 || op == 0x81 || op == 0x83 || op == 0xc7
	switch {
	case toRM && modrm>>6 == 3 && rm == rsp && rex&1 == 0:
		switch {
		case op == 0x83 && reg == 5: // sub
			return lowers, uint64(int64(int8(constant[0])))
		case op == 0x83 && reg == 0: // add, as of -128
			return lowers, uint64(-int64(int8(constant[0])))
		case op == 0x81 && reg == 5:
			return lowers, uint64(int64(int32(binary.LittleEndian.Uint32(constant))))
		case (op == 0x83 || op == 0x81) && reg == 7: // cmp
			return none, 0
		}
		return loses, 0
	case !toRM && (op == 0x8b || op == 0x8d || op == 0x63 || op < 0x38) && reg == rsp && rex&4 == 0:
		return loses, 0
	}
	return none, 0
}

// decodeLong reads what begins with 0F.
func decodeLong(rest []byte, at int) (i instruction, known bool) {
	if len(rest) < 2 {
		return i, false
	}
	op := rest[0]
	switch {
	case op&0xf0 == 0x80: // jcc
		return instruction{length: at + 5, effect: branches}, true
	case op == 0x05: // syscall
		return instruction{length: at + 1}, true
	case op == 0x1e && rest[1] == 0xfa: // endbr64
		return instruction{length: at + 2}, true
	case op >= 0x40 && op <= 0x4f, op >= 0x90 && op <= 0x9f, op == 0x1f, op == 0xaf: // cmov, set, nop, imul
	case op == 0xb6, op == 0xb7, op == 0xbe, op == 0xbf: // movzx, movsx
	case op == 0x10, op == 0x11, op == 0x28, op == 0x29, op == 0x57, op == 0x6e, op == 0x6f, op == 0x7e, op == 0x7f, op == 0xd6, op == 0xef: // of SSE
	default:
		return i, false
	}
	n := operand(rest[1:])
	return instruction{length: at + 1 + n}, n > 0
}

// operand returns the length of a ModRM byte with what belongs to it; 0 where it
// is cut off.
func operand(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	mod, rm, n := b[0]>>6, b[0]&7, 1
	if mod == 3 {
		return 1
	}
	base := rm
	if rm == 4 { // SIB
		if len(b) < 2 {
			return 0
		}
		base, n = b[1]&7, 2
	}
	switch {
	case mod == 1:
		n++
	case mod == 2, base == 5: // mod 0: an address without a base
		n += 4
	}
	if n > len(b) {
		return 0
	}
	return n
}
