package ptrace

import "golang.org/x/sys/unix"

const (
	// debugRegisters is the offset of u_debugreg in struct user (sys/user.h).
	debugRegisters = 848
	// control is DR7 (Intel SDM, volume 3, 18.2.4): register 0 is in use, for
	// this task; it watches writes of 8 bytes, or is that of an instruction.
	control, inUse, word = 7, 1 << 0, 0b1001 << 16
)

// set has debug register 0 of a stopped thread watch for w; the zero value ends it.
func (w watch) set(tid int) error {
	how := uintptr(inUse | word)
	switch {
	case w.addr == 0:
		how = 0
	case w.code:
		how = inUse
	}
	if err := poke(tid, control, 0); err != nil {
		return err
	}
	if err := poke(tid, 0, uintptr(w.addr)); err != nil {
		return err
	}
	return poke(tid, control, how)
}

func poke(tid, register int, value uintptr) error {
	return request(unix.PTRACE_POKEUSR, tid, uintptr(debugRegisters+8*register), value)
}
