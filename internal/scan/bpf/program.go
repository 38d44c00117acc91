//go:build linux

package bpf

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// Helpers that the program calls (enum bpf_func_id, include/uapi/linux/bpf.h).
const (
	helperSocketCookie = 46  // for tracing programs since 5.12
	helperJiffies64    = 118 // 5.6
	helperSeqWrite     = 127 // 5.8
	helperSkcToTCP     = 137 // 5.9
	helperSockFromFile = 162 // 5.11
	helperSkcToUnix    = 178 // 5.16
	helperLoop         = 181 // 5.17
)

// Members of struct bpf_iter__task_file (kernel/bpf/task_iter.c), which is
// what the program gets as its context.
const (
	ctxMeta = 0
	ctxTask = 8
	ctxFD   = 16
	ctxFile = 24
)

// The program's frame, upwards from r6: its context, the file to write to, the
// sock to describe, the next connection of an accept queue, and the record.
const (
	frameCtx  = 0
	frameSeq  = 8
	frameSock = 16
	frameNext = 24
	frameRec  = 32
	frameSize = frameRec + int32(recordSize)
)

// maxUnaccepted is how many connections of an accept queue are described. All
// of a listener's records must fit into the kernel's buffer of 32 KiB.
const maxUnaccepted = 64

// builder assembles the program for one kernel.
type builder struct {
	assembler
	kernel *btf
	fields []found
	states socket.States
	basic  bool // leave out what the verifiers of some kernels may refuse
	more   bool // what is being described may be followed by more
	// initialPidNS is true where tasks are numbered as task_struct.tgid.
	initialPidNS bool
	missing      []string
	lost         [objects]socket.Facts // facts that missing fields take away
	absent       []string              // members without which there is no program
	tgidAt       int                   // instruction that holds the tgid to filter on
}

// symbols are the kernel's structs and functions that the program needs.
func symbols() []symbol {
	list := make([]symbol, 0, 32)
	for _, name := range []string{"bpf_iter_task_file", "bpf_sock_from_file", "bpf_skc_to_unix_sock", "bpf_rdonly_cast", "bpf_loop"} {
		list = append(list, symbol{kindFunc, name})
	}
	for o := range objects {
		if o.whole() == o {
			list = append(list, symbol{kindStruct, o.String()})
		}
	}
	for _, name := range []string{"socket", "request_sock", "unix_address", "signal_struct", "pid", "files_struct", "fdtable", "socket_alloc"} {
		list = append(list, symbol{kindStruct, name})
	}
	return append(list, symbol{kindEnum, "bpf_features"})
}

func (b *builder) hasFunc(name string) bool {
	_, ok := b.kernel.ids[symbol{kindFunc, name}]
	return ok
}

func (b *builder) hasStruct(o object) bool {
	_, ok := b.kernel.ids[symbol{kindStruct, o.String()}]
	return ok
}

// chase returns the offset of a member that the program follows or needs.
func (b *builder) chase(structName, path string) int16 {
	p, ok := b.kernel.find(structName, path)
	if !ok {
		b.absent = append(b.absent, structName+"."+path)
	}
	return p.offset
}

// build assembles the program: r6 is the frame, r7 the file and later the
// accept queue, r8 the sock, r9 the record.
//
// The connections in an accept queue are described by the same instructions
// as the socket itself where the kernel has casts: what is written once is
// verified once, and the verifier takes most of the time of loading.
func (b *builder) build() ([]prog.Insn, error) {
	out := b.newLabel()
	b.move(r6, fp)
	b.addImm(r6, -frameSize)
	b.store(8, r6, frameCtx, r1)
	b.load(8, r7, r1, ctxFile)
	b.jumpZero(r7, out)
	b.filterTGID(out)
	b.move(r9, r6)
	b.addImm(r9, frameRec)
	b.zero(r9, 0, recordSize)
	b.findSock(out)
	b.holder(out)
	b.move(r1, r8)
	b.call(helperSocketCookie)
	b.store(8, r9, offCookie, r0)
	switch {
	case b.walksQueues() && b.canCast(sockStruct):
		b.describeAll(out)
	case b.walksQueues():
		b.describeApart(out)
	default:
		b.describe(out)
		b.place(out)
		b.exit(0)
	}
	if len(b.absent) > 0 {
		return nil, fmt.Errorf("%w: the kernel has no %s", ErrUnsupported, b.absent[0])
	}
	return b.link(), nil
}

// filterTGID drops the files of other processes, for kernels whose iterator
// cannot be restricted. The number 0, filled in by load, lets all pass; the
// verifier then removes these instructions.
func (b *builder) filterTGID(out label) {
	pass := b.newLabel()
	b.tgidAt = len(b.code)
	b.moveImm(r8, 0)
	b.jumpZero(r8, pass)
	b.load(8, r0, r1, ctxTask)
	b.jumpZero(r0, out)
	b.distrust(taskStruct)
	b.tgid(r0, r9)
	b.jumpIf(opNeReg, r1, r8, 0, out)
	b.place(pass)
}

// findSock gets from the file to its sock, and notes who waits for it: the
// head of the wait queue points at itself when nobody does.
func (b *builder) findSock(out label) {
	b.move(r1, r7)
	b.call(helperSockFromFile)
	b.jumpZero(r0, out)
	b.load(8, r8, r0, b.chase("socket", "sk"))
	b.jumpZero(r8, out)
	b.filterState(out)
	idle := b.newLabel()
	head := b.chase("socket", "wq.wait.head")
	b.load(8, r2, r0, b.chase("socket", "wq.wait.head.next"))
	b.addImm(r0, int32(head))
	b.zeroNumber(r1, r8, b.chase("sock", "__sk_common.skc_flags"))
	b.jumpIf(opEqReg, r0, r2, 0, idle)
	b.addImm(r1, 1)
	b.place(idle)
	b.store(4, r9, offWaiters, r1)
}

// zeroNumber loads dst with a zero that the verifier takes for any number: a
// number of eight bytes, minus itself. Where two ways through the program
// meet, it follows both to the end unless they have left the same behind, and
// to it a zero is not the same as a number.
func (b *builder) zeroNumber(dst, from reg, offset int16) {
	b.load(8, dst, from, offset)
	b.move(r5, dst)
	b.emit(opSubReg, dst, r5, 0, 0)
}

// filterState drops socks in other states than those asked for. It leaves r0
// alone.
func (b *builder) filterState(out label) {
	if b.states == socket.AllStates {
		return
	}
	b.load(1, r1, r8, b.chase("sock", "__sk_common.skc_state"))
	b.moveImm(r2, 1)
	b.emit(opShiftReg, r2, r1, 0, 0)
	b.emit(opAndImm, r2, 0, 0, int32(b.states))
	b.jumpZero(r2, out)
}

// holder fills in the descriptor and the file.
func (b *builder) holder(out label) {
	b.load(8, r2, r6, frameCtx)
	b.load(4, r1, r2, ctxFD)
	b.store(4, r9, offFD, r1)
	b.load(8, r1, r2, ctxMeta)
	b.load(8, r1, r1, 0) // bpf_iter_meta.seq
	b.store(8, r6, frameSeq, r1)
	b.move(r0, r7)
	b.distrust(fileStruct)
	b.copyFields(fileStruct, r0, r9)
	at, ahead := b.aheadPlaces()
	if ahead {
		b.load(8, r7, r0, at.ops)
	}
	b.follow(r2, r0, b.chase("file", "f_inode"))
	b.copyFields(inodeStruct, r2, r9)
	b.task(out)
	b.copyFields(taskStruct, r0, r9)
	if ahead {
		b.ahead(at)
		b.task(out)
	}
	b.tgid(r0, r7)
	b.store(4, r9, offTGID, r1)
}

// task loads r0 with the task.
func (b *builder) task(out label) {
	b.load(8, r2, r6, frameCtx)
	b.load(8, r0, r2, ctxTask)
	b.jumpZero(r0, out)
	b.distrust(taskStruct)
}

// write emits the record and leaves through done. Where more are to come it
// leaves a blank one.
func (b *builder) write(k kind, done label) {
	length := int32(k.size())
	b.storeWord(r9, offLength, length)
	b.storeWord(r9, offKind, int32(k))
	b.load(8, r1, r6, frameSeq)
	b.move(r2, r9)
	b.moveImm(r3, length)
	b.call(helperSeqWrite)
	if b.more {
		b.blank(k.size())
	}
	b.jump(done)
}
