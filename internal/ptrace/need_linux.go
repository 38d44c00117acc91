//go:build amd64 || arm64

package ptrace

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// file tells one executable from another, and from itself when it is rebuilt.
type file struct {
	dev, ino uint64
	changed  unix.Timespec
}

// needs finds out what the program needs that the process has just begun to
// execute. What cannot be read needs nothing.
func (l *loop) needs(pid int) Need {
	path := fmt.Sprintf("/proc/%d/exe", pid)
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return NeedsNothing
	}
	if !l.capable && gainsRights(path, &st) {
		return NeedsRights
	}
	key := file{uint64(st.Dev), st.Ino, st.Ctim}
	traces, known := l.files[key]
	if !known {
		traces = tracesOthers(path)
		l.files[key] = traces
	}
	if traces {
		return NeedsPtrace
	}
	return NeedsNothing
}

// gainsRights reports whether executing the file gives more rights than the
// caller has (execve(2), capabilities(7)). Without CAP_SYS_PTRACE at the
// tracer the kernel does not give them to a process that is traced.
func gainsRights(path string, st *unix.Stat_t) bool {
	if st.Mode&unix.S_ISUID != 0 || st.Mode&unix.S_ISGID != 0 && st.Mode&unix.S_IXGRP != 0 {
		return true
	}
	_, err := unix.Getxattr(path, "security.capability", nil)
	return err == nil
}

// tracesOthers reports whether the program is made to call ptrace(2): it takes
// it from the C library, has the run time of a sanitizer that looks for leaks
// in this way, or one of the functions by which debuggers in Go attach. One that
// does so by way of a plug-in or of assembly is not known.
func tracesOthers(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	program, err := elf.NewFile(f)
	if err != nil {
		return false
	}
	return mentions(program, ".dynstr", "\x00ptrace\x00", "\x00__asan_init\x00", "\x00__lsan_", "\x00__hwasan_init\x00", "libasan.so.", "liblsan.so.") ||
		mentions(program, ".gopclntab", "syscall.PtraceAttach", "/unix.PtraceAttach", "/unix.PtraceSeize")
}

// mostRead bounds what is read of a section that somebody else has written.
const mostRead = 64 << 20

func mentions(program *elf.File, section string, names ...string) bool {
	s := program.Section(section)
	if s == nil || s.Type == elf.SHT_NOBITS || s.Size > mostRead {
		return false
	}
	text, err := io.ReadAll(s.Open())
	if err != nil {
		return false
	}
	for _, name := range names {
		if bytes.Contains(text, []byte(name)) {
			return true
		}
	}
	return false
}
