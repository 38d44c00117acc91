package ptrace

import "golang.org/x/sys/unix"

// arch is the architecture whose calls the filter knows (linux/audit.h).
const arch = unix.AUDIT_ARCH_AARCH64

type registers struct{ unix.PtraceRegsArm64 }

const generalRegisters = 1 // NT_PRSTATUS (linux/elf.h)

func (r *registers) read(tid int) error {
	return unix.PtraceGetRegSetArm64(tid, generalRegisters, &r.PtraceRegsArm64)
}

// call describes the call that has returned. The first argument is lost: its
// register has the result.
func (r *registers) call(tid int) Call {
	c := Call{TID: tid, Number: int(r.Regs[8]), Result: int64(r.Regs[0]), PC: r.Pc, SP: r.Sp, regs: *r}
	copy(c.Args[1:], r.Regs[1:6])
	return c
}

func (r *registers) saved() map[uint64]uint64 {
	saved := map[uint64]uint64{}
	for i := uint64(19); i <= 30; i++ { // x19 to x28, the frame pointer, and the return address of a leaf
		saved[i] = r.Regs[i]
	}
	return saved
}

func (r *registers) goroutine() uint64 { return r.Regs[28] }

// svc #0; udf #0: where execve(2) fails, the program ends.
const callInstruction = "\x01\x00\x00\xd4\x00\x00\x00\x00"

func (r *registers) start() (sp, pc uint64) { return r.Sp, r.Pc }

// setExec makes the next instruction of the process call execve(2).
func (r *registers) setExec(pid int, name, args, env uint64) error {
	r.Regs[8], r.Regs[0], r.Regs[1], r.Regs[2] = unix.SYS_EXECVE, name, args, env
	return unix.PtraceSetRegSetArm64(pid, generalRegisters, &r.PtraceRegsArm64)
}
