//go:build linux

package prog

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Commands and types of bpf(2) (include/uapi/linux/bpf.h).
const (
	cmdProgLoad   = 5
	cmdBTFLoad    = 18
	cmdLinkCreate = 28
	cmdIterCreate = 33

	progTypeTracing = 26
	attachTraceIter = 28
)

// license must be one that the kernel counts as compatible with the GPL:
// bpf_seq_write is for such programs only.
const license = "Dual MIT/GPL\x00"

// progLoadAttr is the BPF_PROG_LOAD part of union bpf_attr, up to
// attach_btf_id.
type progLoadAttr struct {
	progType           uint32
	insnCount          uint32
	insns              uint64
	license            uint64
	logLevel, logSize  uint32
	logBuf             uint64
	kernVersion, flags uint32
	name               [16]byte
	ifindex            uint32
	expectedAttachType uint32
	btfFD, funcRecSize uint32
	funcInfo           uint64
	funcInfoCount      uint32
	lineRecSize        uint32
	lineInfo           uint64
	lineInfoCount      uint32
	attachBTFID        uint32
}

// linkCreateAttr is the BPF_LINK_CREATE part for iterators.
type linkCreateAttr struct {
	progFD, targetFD  uint32
	attachType, flags uint32
	iterInfo          uint64
	iterInfoLen       uint32
	_                 uint32
}

// iterTask is the task part of union bpf_iter_link_info. Its pid is a thread
// group's; with tid instead, a main thread that has ended would hide the
// descriptors that the others still hold.
type iterTask struct{ tid, pid, pidfd uint32 }

// bpf calls bpf(2), again where a signal made the verifier give up. Descriptors
// that it returns are close-on-exec.
func bpf(cmd int, attr unsafe.Pointer, size uintptr) (int, error) {
	const tries = 32
	for i := 1; ; i++ {
		fd, _, errno := syscall.Syscall(sysBPF, uintptr(cmd), uintptr(attr), size)
		if errno == 0 {
			return int(fd), nil
		}
		if i == tries || errno != syscall.EINTR && errno != syscall.EAGAIN {
			return -1, errno
		}
	}
}

// LinkCreate makes an iterator of a loaded program (BPF_LINK_CREATE), restricted
// to the threads of one process unless tgid is 0, and returns its descriptor.
// Its errors are bare error numbers. It needs CAP_BPF and CAP_PERFMON.
func LinkCreate(prog, tgid int) (int, error) {
	task := iterTask{pid: uint32(tgid)}
	attr := linkCreateAttr{progFD: uint32(prog), attachType: attachTraceIter}
	if tgid != 0 {
		attr.iterInfo, attr.iterInfoLen = uint64(uintptr(unsafe.Pointer(&task))), uint32(unsafe.Sizeof(task))
	}
	fd, err := bpf(cmdLinkCreate, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(&task)
	return fd, err
}

// IterCreate starts one walk of an iterator (BPF_ITER_CREATE) and returns a
// descriptor to read it from. Its errors are bare error numbers.
func IterCreate(link int) (int, error) {
	attr := struct{ link, flags uint32 }{link: uint32(link)}
	return bpf(cmdIterCreate, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
}
