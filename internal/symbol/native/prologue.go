package native

import (
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/memory"
)

const (
	mostPrologue = 1 << 12 // bytes of instructions that are read
	mostFunction = 1 << 16 // of a function whose beginning is not known
	mostFrame    = 1 << 16 // bytes of a function on the stack
	mostSearch   = 1 << 13 // of a stack that are searched: 10,000 threads may end in such a function
)

// prologue is what the first instructions of a function have done to the stack
// when it calls another (Intel SDM, volume 2).
type prologue struct {
	size  uint64   // bytes below the return address
	saved []uint64 // registers, as DWARF numbers them: the first is next to the return address
}

// byPrologue finds the caller of a function that has no table, or whose table
// needs a register that is not known, by the function's first instructions. What
// lies on the stack there counts only if it is the address behind a call. Where
// the function begins that has no table, a symbol says, or the call that leads
// there. Only amd64 is known.
func (v *values) byPrologue(mem memory.Words, u *Unwinder, pc uint64, s *step) (uint64, bool) {
	if u.Machine != AMD64 || !v.known[AMD64] {
		return 0, false
	}
	if p, ok := readPrologue(mem, s.begin, pc); ok && s.begin != 0 {
		ret, read := mem.Uint64(v.value[AMD64] + p.size)
		if _, call := calls(mem, u, ret); read && call {
			v.leave(mem, p)
			return ret, true
		}
	}
	if !s.missing {
		return 0, false
	}
	return v.search(mem, u, pc)
}

// search looks for the return address from the stack pointer on.
func (v *values) search(mem memory.Words, u *Unwinder, pc uint64) (uint64, bool) {
	for size := uint64(0); size < mostSearch; size += 8 {
		ret, ok := mem.Uint64(v.value[AMD64] + size)
		if !ok {
			break
		}
		begin, call := calls(mem, u, ret)
		if !call || begin == 0 || begin >= pc || pc-begin > mostFunction {
			continue
		}
		if p, ok := readPrologue(mem, begin, pc); ok && p.size == size {
			v.leave(mem, p)
			return ret, true
		}
	}
	return 0, false
}

// leave turns the registers into those of the caller.
func (v *values) leave(mem memory.Words, p prologue) {
	frame := v.value[AMD64] + p.size
	for i, register := range p.saved {
		v.value[register], v.known[register] = mem.Uint64(frame - 8*uint64(i+1))
	}
	v.value[AMD64] = frame + 8
}

// calls reports whether there is a call instruction before the address, and where
// it leads to if the instruction says so.
func calls(mem memory.Words, u *Unwinder, ret uint64) (to uint64, ok bool) {
	if ret < 16 || u.Executable == nil || !u.Executable(ret-1) {
		return 0, false
	}
	const longest = 7
	b, ok := mem.Bytes(ret-longest, longest, longest)
	if !ok {
		return 0, false
	}
	if b[2] == 0xe8 {
		return behindJump(mem, ret+uint64(int64(int32(binary.LittleEndian.Uint32(b[3:]))))), true
	}
	for n := 2; n <= longest; n++ { // call through a register or memory: FF /2
		if at := b[longest-n:]; at[0] == 0xff && at[1]>>3&7 == 2 && 1+operand(at[1:]) == n {
			return 0, true
		}
	}
	return 0, false
}

// behindJump returns where a function goes on that does nothing but jump to
// another.
func behindJump(mem memory.Words, begin uint64) uint64 {
	const length = 5
	if b, ok := mem.Bytes(begin, length, length); ok && b[0] == 0xe9 {
		return begin + length + uint64(int64(int32(binary.LittleEndian.Uint32(b[1:]))))
	}
	return begin
}

// readPrologue follows a function from its beginning to the program counter, in
// the order of its instructions. What is reached by a jump from elsewhere has the
// stack that the function had at its first branch.
func readPrologue(mem memory.Words, begin, pc uint64) (p prologue, ok bool) {
	if begin >= pc {
		return p, begin == pc
	}
	code, ok := mem.Bytes(begin, min(pc-begin, mostPrologue), mostPrologue)
	body, branched := uint64(0), false
	for ok && len(code) > 0 {
		i, known := decode(code)
		if !known || i.length > len(code) {
			break
		}
		switch i.effect {
		case pushes:
			p.size += 8
			if !branched && uint64(8*len(p.saved)) == p.size-8 {
				p.saved = append(p.saved, i.register)
			}
		case lowers:
			p.size += i.amount
		case loses:
			return p, false
		case branches:
			if !branched {
				body, branched = p.size, true
			}
		case leaves:
			p.size = body
		}
		code = code[i.length:]
	}
	return p, ok && p.size%8 == 0 && p.size < mostFrame
}
