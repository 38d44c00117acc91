//go:build linux

package bpf

import "github.com/sockleak/sockleak/internal/scan/bpf/prog"

// reg is a register of the BPF machine.
type reg uint8

// r0 holds results, r1 to r5 arguments; r6 to r9 survive calls.
const (
	r0 reg = iota
	r1
	r2
	r3
	r4
	r5
	r6
	r7
	r8
	r9
	fp // end of the stack, read only
)

// Operation codes: class | size or source | mode or operation, as put
// together from include/uapi/linux/bpf_common.h and bpf.h.
const (
	opLoadMem   = 0x61 // LDX | MEM, size to be added
	opStoreReg  = 0x63 // STX | MEM
	opStoreImm  = 0x7a // ST | MEM | DW
	opStoreWord = 0x62 // ST | MEM | W
	opLoadImm64 = 0x18 // LD | IMM | DW
	opMoveReg   = 0xbf // ALU64 | MOV | X
	opMoveImm   = 0xb7 // ALU64 | MOV | K
	opAddImm    = 0x07 // ALU64 | ADD | K
	opAddReg    = 0x0f // ALU64 | ADD | X
	opSubReg    = 0x1f // ALU64 | SUB | X
	opAndImm    = 0x57 // ALU64 | AND | K
	opShiftReg  = 0x6f // ALU64 | LSH | X
	opShiftImm  = 0x67 // ALU64 | LSH | K
	opJump      = 0x05 // JMP | JA
	opEqImm     = 0x15 // JMP | JEQ | K
	opEqReg     = 0x1d // JMP | JEQ | X
	opNeImm     = 0x55 // JMP | JNE | K
	opNeReg     = 0x5d // JMP | JNE | X
	opGeReg     = 0x3d // JMP | JGE | X, unsigned
	opCall      = 0x85 // JMP | CALL
	opExit      = 0x95 // JMP | EXIT

	pseudoKfunc = 2 // BPF_PSEUDO_KFUNC_CALL
	pseudoFunc  = 4 // BPF_PSEUDO_FUNC
)

// label is a place in a program; jumps may name it before it is placed.
type label int

// assembler collects instructions.
type assembler struct {
	code   []prog.Insn
	places []int // by label, -1 until placed
	jumps  []jump
}

// newAssembler returns one with room for the program. At the start of a process
// each step of a slice that grows costs two pages of memory never used before.
func newAssembler() assembler {
	return assembler{code: make([]prog.Insn, 0, 768), places: make([]int, 0, 64), jumps: make([]jump, 0, 64)}
}

type jump struct {
	at    int
	to    label
	inImm bool // the distance goes into imm (a function's address), not off
}

func (a *assembler) emit(code uint8, dst, src reg, off int16, imm int32) {
	a.code = append(a.code, prog.Insn{Code: code, Regs: uint8(dst | src<<4), Off: off, Imm: imm})
}

// sizeBits is BPF_SIZE of an access: W 0, H 0x08, B 0x10, DW 0x18.
func sizeBits(size uint32) uint8 {
	switch size {
	case 1:
		return 0x10
	case 2:
		return 0x08
	case 8:
		return 0x18
	}
	return 0
}

func (a *assembler) load(size uint32, dst, src reg, off int16) {
	a.emit(opLoadMem|sizeBits(size), dst, src, off, 0)
}

func (a *assembler) store(size uint32, base reg, off int16, src reg) {
	a.emit(opStoreReg|sizeBits(size), base, src, off, 0)
}

func (a *assembler) storeWord(base reg, off int16, imm int32) {
	a.emit(opStoreWord, base, 0, off, imm)
}

func (a *assembler) zero(base reg, from, to uintptr) {
	for ; from < to; from += 8 {
		a.emit(opStoreImm, base, 0, int16(from), 0)
	}
}

func (a *assembler) move(dst, src reg)          { a.emit(opMoveReg, dst, src, 0, 0) }
func (a *assembler) moveImm(dst reg, imm int32) { a.emit(opMoveImm, dst, 0, 0, imm) }
func (a *assembler) addImm(dst reg, imm int32)  { a.emit(opAddImm, dst, 0, 0, imm) }
func (a *assembler) call(helper int32)          { a.emit(opCall, 0, 0, 0, helper) }
func (a *assembler) callKfunc(btfID uint32)     { a.emit(opCall, 0, pseudoKfunc, 0, int32(btfID)) }
func (a *assembler) exit(result int32)          { a.moveImm(r0, result); a.emit(opExit, 0, 0, 0, 0) }

func (a *assembler) newLabel() label {
	a.places = append(a.places, -1)
	return label(len(a.places) - 1)
}

func (a *assembler) place(l label) { a.places[l] = len(a.code) }

func (a *assembler) jump(l label) { a.jumpIf(opJump, 0, 0, 0, l) }

// jumpIf emits a conditional jump: to l if dst op src, or dst op imm.
func (a *assembler) jumpIf(op uint8, dst, src reg, imm int32, l label) {
	a.jumps = append(a.jumps, jump{at: len(a.code), to: l})
	a.emit(op, dst, src, 0, imm)
}

func (a *assembler) jumpZero(r reg, l label) { a.jumpIf(opEqImm, r, 0, 0, l) }

// address loads the address of the function that starts at l.
func (a *assembler) address(dst reg, l label) {
	a.jumps = append(a.jumps, jump{at: len(a.code), to: l, inImm: true})
	a.emit(opLoadImm64, dst, pseudoFunc, 0, 0)
	a.emit(0, 0, 0, 0, 0) // upper half of the 64-bit immediate
}

// link fills the distances in and returns the program.
func (a *assembler) link() []prog.Insn {
	for _, j := range a.jumps {
		distance := a.places[j.to] - j.at - 1
		if j.inImm {
			a.code[j.at].Imm = int32(distance)
		} else {
			a.code[j.at].Off = int16(distance)
		}
	}
	return a.code
}

// callbacks returns where the functions start whose addresses are taken, in
// the order of the code.
func (a *assembler) callbacks() []uint32 {
	var list []uint32
	for _, j := range a.jumps {
		if j.inImm {
			list = append(list, uint32(a.places[j.to]))
		}
	}
	return list
}
