package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cilium/ebpf/btf"
)

// section is the one that the program and all its functions are in: branches
// and calls between them need nothing to be filled in.
const section = "iter/task_file"

// object is a compiled program.
type object struct {
	types       *btf.Spec
	code        []byte
	callbacks   []int // instructions at which functions begin, but the first
	relocations []relocation
}

// relocation is something to be filled in, wherever it is.
type relocation struct {
	kind string // a constant of the generated code's package
	of   string // struct, enum, function or value
	path string // member or enumerator
	size uint32 // of a number or pointer, 0 of anything else
	at   []int  // instructions
}

const insnSize = 8 // sizeof(struct bpf_insn)

func readObject(path string) (*object, error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	program := file.Section(section)
	if program == nil {
		return nil, fmt.Errorf("no section %s", section)
	}
	o := &object{}
	if o.code, err = program.Data(); err != nil {
		return nil, err
	}
	if o.types, err = btf.LoadSpec(path); err != nil {
		return nil, err
	}
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	for _, s := range symbols {
		switch {
		case elf.ST_TYPE(s.Info) != elf.STT_FUNC:
		case s.Value > 0:
			o.callbacks = append(o.callbacks, int(s.Value/insnSize))
		case elf.ST_BIND(s.Info) != elf.STB_GLOBAL:
			return nil, fmt.Errorf("the kernel would begin with %s", s.Name)
		}
	}
	slices.Sort(o.callbacks)
	if err := o.link(file, symbols); err != nil {
		return nil, err
	}
	return o, o.readCORE(file)
}

// link goes through the relocations of the linker: of functions and values
// outside, which the loader fills in, and of the addresses of callbacks, which
// are filled in here.
func (o *object) link(file *elf.File, symbols []elf.Symbol) error {
	table := file.Section(".rel" + section)
	if table == nil {
		return fmt.Errorf("no relocations")
	}
	data, err := table.Data()
	if err != nil {
		return err
	}
	for ; len(data) >= 16; data = data[16:] { // Elf64_Rel
		at := int(binary.LittleEndian.Uint64(data) / insnSize)
		info := binary.LittleEndian.Uint64(data[8:])
		s := symbols[info>>32-1]
		code := o.code[at*insnSize:]
		switch {
		case s.Section != elf.SHN_UNDEF && elf.ST_TYPE(s.Info) == elf.STT_SECTION && code[0] == opLoadImm64:
			target := int(binary.LittleEndian.Uint32(code[4:]) / insnSize)
			code[1] = code[1]&0xf | pseudoFunc<<4
			binary.LittleEndian.PutUint32(code[4:], uint32(target-at-1))
		case s.Section == elf.SHN_UNDEF && code[0] == opCall:
			code[1] = pseudoKfunc << 4
			o.add(relocation{kind: "kfunc", of: s.Name}, at)
		case s.Section == elf.SHN_UNDEF && code[0] == opLoadImm64:
			o.add(relocation{kind: "value", of: s.Name}, at)
		default:
			return fmt.Errorf("instruction %d: relocation of %q is of an unknown kind", at, s.Name)
		}
	}
	return nil
}

// From include/uapi/linux/bpf.h.
const (
	opLoadImm64 = 0x18 // BPF_LD | BPF_IMM | BPF_DW
	opCall      = 0x85 // BPF_JMP | BPF_CALL
	pseudoKfunc = 2    // BPF_PSEUDO_KFUNC_CALL
	pseudoFunc  = 4    // BPF_PSEUDO_FUNC
)

// add notes a relocation: one that is the same but for its place is one more
// place of it.
func (o *object) add(r relocation, at int) {
	for i := range o.relocations {
		have := &o.relocations[i]
		if have.kind == r.kind && have.of == r.of && have.path == r.path {
			have.at = append(have.at, at)
			return
		}
	}
	r.at = []int{at}
	o.relocations = append(o.relocations, r)
}
