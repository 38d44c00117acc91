//go:build linux

package bpf

import (
	"bytes"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// program is what is loaded: the code, and where in it functions start.
type program struct {
	code      []insn
	callbacks []uint32
	attachTo  uint32 // BTF id of the iterator
}

// load loads the program. Since Linux 5.11 its memory counts against the memory
// cgroup, so there is no RLIMIT_MEMLOCK to raise. When log is not nil, the verifier's log is put
// into it.
func (p *program) load(log []byte) (int, error) {
	attr := progLoadAttr{
		progType:           progTypeTracing,
		insnCount:          uint32(len(p.code)),
		insns:              uint64(uintptr(unsafe.Pointer(&p.code[0]))),
		license:            uint64(uintptr(unsafe.Pointer(unsafe.StringData(license)))),
		expectedAttachType: attachTraceIter,
		attachBTFID:        p.attachTo,
	}
	copy(attr.name[:], "sockleak")
	if len(log) > 0 {
		attr.logLevel, attr.logSize = 1, uint32(len(log))
		attr.logBuf = uint64(uintptr(unsafe.Pointer(&log[0])))
	}
	funcs := []funcInfo{{0, typeMain}}
	for _, at := range p.callbacks {
		funcs = append(funcs, funcInfo{at, typeCallback})
	}
	if len(p.callbacks) > 0 {
		btf, err := btfLoad(programBTF())
		if err != nil {
			return -1, forbidden(err)
		}
		defer unix.Close(btf) // the program keeps it
		attr.btfFD, attr.funcRecSize = uint32(btf), uint32(unsafe.Sizeof(funcs[0]))
		attr.funcInfo, attr.funcInfoCount = uint64(uintptr(unsafe.Pointer(&funcs[0]))), uint32(len(funcs))
	}
	fd, err := bpf(cmdProgLoad, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(p)
	runtime.KeepAlive(funcs)
	runtime.KeepAlive(log)
	return fd, forbidden(err)
}

// log loads the program again for the sake of the verifier's log, and returns
// the end of it.
func (p *program) log() string {
	log := make([]byte, 1<<20)
	if fd, err := p.load(log); err == nil {
		unix.Close(fd)
	}
	end := max(bytes.IndexByte(log, 0), 0)
	return string(log[max(0, end-4096):end])
}
