//go:build amd64 || arm64

package ptrace

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// execAgain lets a process that has just returned from execve(2) to the first
// instruction of its new program call execve once more, with the same arguments,
// which the kernel has put on its stack, and lets go of it: untraced, the
// program gets the rights of its set-user-ID bit. Nothing of it has run yet.
func (l *loop) execAgain(pid int) error {
	if err := l.regs.read(pid); err != nil {
		return err
	}
	name, err := auxiliary(pid, atExecFn)
	if err != nil {
		return err
	}
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer mem.Close()
	// The initial stack: the number of arguments, they, NULL, the environment
	// (psABI, "Process Initialization").
	sp, pc := l.regs.start()
	var count [8]byte
	if _, err := mem.ReadAt(count[:], int64(sp)); err != nil {
		return err
	}
	args := sp + 8
	env := args + 8*(binary.NativeEndian.Uint64(count[:])+1)
	if _, err := mem.WriteAt([]byte(callInstruction), int64(pc)); err != nil {
		return err
	}
	return l.regs.setExec(pid, name, args, env)
}

// executeAgain does so at the return of execve(2).
func (l *loop) executeAgain(pid int) {
	delete(l.again, pid)
	_ = l.execAgain(pid) // where it cannot, the program has its caller's rights
	delete(l.threads, pid)
	_ = detach(pid, 0)
}

// auxiliary returns an entry of a process's auxiliary vector (getauxval(3)).
func auxiliary(pid int, key uint64) (uint64, error) {
	words, err := os.ReadFile(fmt.Sprintf("/proc/%d/auxv", pid))
	if err != nil {
		return 0, err
	}
	for ; len(words) >= 16; words = words[16:] {
		if binary.NativeEndian.Uint64(words) == key {
			return binary.NativeEndian.Uint64(words[8:]), nil
		}
	}
	return 0, fmt.Errorf("no entry %d in its auxiliary vector", key)
}

// detach lets go of a thread that is stopped, and delivers the signal to it.
func detach(tid int, sig unix.Signal) error {
	return request(unix.PTRACE_DETACH, tid, 0, uintptr(sig))
}
