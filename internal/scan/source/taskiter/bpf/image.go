//go:build linux

package bpf

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf/prog"
)

// image is a compiled program (iter_cast.go, iter_probe.go) that has yet to be
// fitted to a kernel.
type image struct {
	code        string   // struct bpf_insn after struct bpf_insn, in hexadecimal
	callbacks   []uint32 // instructions where functions begin, but the first
	relocations []relocation
}

// relocation is something of the kernel that the program asks for.
type relocation struct {
	kind relocationKind
	of   string   // struct, enum, function or value
	path string   // member, or enumerator
	size uint32   // of a member that is a number or a pointer, else 0
	at   []uint16 // instructions to fill it into
}

// relocationKind is what is asked for. All but kfunc and value are CO-RE
// relocations (enum bpf_core_relo_kind, include/uapi/linux/bpf.h).
type relocationKind uint8

const (
	fieldOffset relocationKind = iota
	fieldExists
	typeID
	typeExists
	enumExists
	kfunc // id of a kernel function
	value // a number of the loader's own
)

// symbols are the kernel's structs, enums and functions that the images ask
// for, each once.
func symbols() []symbol {
	list := []symbol{{kindFunc, iterator}, {kindEnum, memoryCasts}}
	seen := map[symbol]bool{}
	for _, image := range []image{castImage(), probeImage()} {
		for _, r := range image.relocations {
			if s, ok := r.symbol(); ok && !seen[s] {
				seen[s] = true
				list = append(list, s)
			}
		}
	}
	return list
}

// iterator is the kernel's function that the program is attached to, and
// memoryCasts the enum of kernels whose bpf_rdonly_cast makes plain memory of a
// pointer when it gets type 0 (BPF_FEAT_RDONLY_CAST_TO_VOID,
// kernel/bpf/verifier.c).
const (
	iterator    = "bpf_iter_task_file"
	memoryCasts = "bpf_features"
)

// symbol returns what of the kernel has to be found for the relocation.
func (r *relocation) symbol() (s symbol, ok bool) {
	switch r.kind {
	case kfunc:
		return symbol{kindFunc, r.of}, true
	case enumExists:
		return symbol{kindEnum, r.of}, true
	case value:
		return symbol{}, false
	}
	return symbol{kindStruct, r.of}, true
}

// fit fills in what the kernel has, and the values. It returns the program and
// the members that the kernel does not have; they are read from offset 0, for
// nothing.
func (m *image) fit(kernel *btf, values map[string]uint32) (prog.Program, []relocation) {
	code, err := hex.DecodeString(m.code)
	if err != nil {
		panic(err) // it is a constant
	}
	p := prog.Program{Code: make([]prog.Insn, len(code)/8), Callbacks: m.callbacks, AttachTo: kernel.ids[symbol{kindFunc, iterator}]}
	for i := range p.Code {
		b := code[8*i:]
		p.Code[i] = prog.Insn{Code: b[0], Regs: b[1], Off: int16(binary.LittleEndian.Uint16(b[2:])), Imm: int32(binary.LittleEndian.Uint32(b[4:]))}
	}
	var absent []relocation
	for _, r := range m.relocations {
		v, ok := kernel.answer(&r)
		if r.kind == value {
			v, ok = values[r.of], true
		}
		if !ok {
			absent = append(absent, r)
		}
		for _, at := range r.at {
			p.Code[at].Fill(v)
		}
	}
	return p, absent
}

// answer returns what is to be filled in; ok is false for a member that the
// kernel does not have.
func (k *btf) answer(r *relocation) (v uint32, ok bool) {
	s, _ := r.symbol()
	id, has := k.ids[s]
	switch r.kind {
	case fieldOffset:
		at, ok := k.find(r.of, r.path)
		if !ok || r.size != 0 && at.size != r.size {
			return 0, false
		}
		return uint32(at.offset), true
	case fieldExists:
		at, ok := k.find(r.of, r.path)
		return truth(ok && (r.size == 0 || at.size == r.size)), true
	case typeExists:
		return truth(has), true
	case enumExists:
		return truth(has && k.hasEnumerator(id, r.path)), true
	case typeID:
		if _, memory := k.ids[symbol{kindEnum, memoryCasts}]; memory {
			return 0, true
		}
	}
	return id, true
}

// places returns the instructions to fill something into.
func (m *image) places(kind relocationKind, of string) []uint16 {
	for _, r := range m.relocations {
		if r.kind == kind && r.of == of {
			return r.at
		}
	}
	return nil
}

func truth(yes bool) uint32 {
	if yes {
		return 1
	}
	return 0
}
