package ptrace

import "golang.org/x/sys/unix"

// arch is the architecture whose calls the filter knows (linux/audit.h).
const arch = unix.AUDIT_ARCH_X86_64

type registers struct{ unix.PtraceRegs }

func (r *registers) read(tid int) error { return unix.PtraceGetRegs(tid, &r.PtraceRegs) }

// call describes the call that has returned.
func (r *registers) call(tid int) Call {
	return Call{
		TID: tid, Number: int(r.Orig_rax), Result: int64(r.Rax), PC: r.Rip, SP: r.Rsp, regs: *r,
		Args: [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9},
	}
}

func (r *registers) saved() map[uint64]uint64 {
	return map[uint64]uint64{3: r.Rbx, 6: r.Rbp, 12: r.R12, 13: r.R13, 14: r.R14, 15: r.R15}
}

func (r *registers) goroutine() uint64 { return r.R14 }

// syscall; ud2: where execve(2) fails, the program ends.
const callInstruction = "\x0f\x05\x0f\x0b"

func (r *registers) start() (sp, pc uint64) { return r.Rsp, r.Rip }

// setExec makes the next instruction of the process call execve(2).
func (r *registers) setExec(pid int, name, args, env uint64) error {
	r.Rax, r.Rdi, r.Rsi, r.Rdx = unix.SYS_EXECVE, name, args, env
	r.Orig_rax = ^uint64(0) // it is in no system call that could be begun again
	return unix.PtraceSetRegs(pid, &r.PtraceRegs)
}
