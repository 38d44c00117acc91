//go:build linux

package prog

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Insn is struct bpf_insn (include/uapi/linux/bpf.h) of a little-endian
// machine: the destination register is the low half of Regs.
type Insn struct {
	Code, Regs uint8
	Off        int16
	Imm        int32
}

// Fill puts a number where the instruction has room for it: a load or store
// has an offset (BPF_LDX, BPF_ST and BPF_STX are classes 1 to 3), all others a
// constant.
func (i *Insn) Fill(v uint32) {
	if class := i.Code & 7; class >= 1 && class <= 3 {
		i.Off = int16(v)
		return
	}
	i.Imm = int32(v)
}

// Program is what is loaded.
type Program struct {
	Code      []Insn
	Callbacks []uint32 // where in the code functions start that others call
	AttachTo  uint32   // BTF id of the kernel's iterator
}

// Load loads the program (BPF_PROG_LOAD) and returns its descriptor. When log is
// not nil, the verifier's log is put into it. Its errors are bare error numbers.
// It needs CAP_BPF and CAP_PERFMON. Since Linux 5.11 the memory of programs
// counts against the memory cgroup, so there is no RLIMIT_MEMLOCK to raise.
func (p *Program) Load(log []byte) (int, error) {
	attr := progLoadAttr{
		progType:           progTypeTracing,
		insnCount:          uint32(len(p.Code)),
		insns:              uint64(uintptr(unsafe.Pointer(&p.Code[0]))),
		license:            uint64(uintptr(unsafe.Pointer(unsafe.StringData(license)))),
		expectedAttachType: attachTraceIter,
		attachBTFID:        p.AttachTo,
	}
	copy(attr.name[:], "sockleak")
	if len(log) > 0 {
		attr.logLevel, attr.logSize = 1, uint32(len(log))
		attr.logBuf = uint64(uintptr(unsafe.Pointer(&log[0])))
	}
	funcs := []funcInfo{{0, typeMain}}
	for _, at := range p.Callbacks {
		funcs = append(funcs, funcInfo{at, typeCallback})
	}
	if len(p.Callbacks) > 0 {
		btf, err := btfLoad(TypeInfo())
		if err != nil {
			return -1, err
		}
		defer syscall.Close(btf) // the program keeps it
		attr.btfFD, attr.funcRecSize = uint32(btf), uint32(unsafe.Sizeof(funcs[0]))
		attr.funcInfo, attr.funcInfoCount = uint64(uintptr(unsafe.Pointer(&funcs[0]))), uint32(len(funcs))
	}
	fd, err := bpf(cmdProgLoad, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(p)
	runtime.KeepAlive(funcs)
	runtime.KeepAlive(log)
	return fd, err
}
