//go:build linux

package run

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// remark is something about a program of the command that is not as it would be
// without a tracer, or that the tracer does not see.
type remark struct {
	program string // its name
	why     string
	hint    string
}

// remarks are kept once each.
type remarks []remark

func (list *remarks) add(r *remark) {
	const most = 16
	if len(*list) < most && !slices.Contains(*list, *r) {
		*list = append(*list, *r)
	}
}

func (list remarks) gaps() (gaps []socket.Gap) {
	for _, r := range list {
		gaps = append(gaps, socket.Gap{Where: "what " + r.program + " does", Why: r.why, Hint: r.hint, Count: 1})
	}
	return gaps
}

const withoutTrace = "run it without --trace"

// remarkable returns what is to be said about the program that a process has
// executed, or nil.
func remarkable(root string, pid int) *remark {
	dir := fmt.Sprintf("%s/%d/", root, pid)
	link, err := os.Readlink(dir + "exe")
	if err != nil {
		return nil
	}
	name := path.Base(strings.TrimSuffix(link, " (deleted)"))
	if tracing(name) != "" {
		return &remark{name, "it cannot trace a program that sockleak traces", withoutTrace}
	}
	if narrow(dir + "exe") {
		return &remark{name, "it is a 32-bit program: the lines that open its sockets are not known", ""}
	}
	if raised(dir+"exe") && deprived(dir+"status") {
		return &remark{name, "it is set-user-ID or has capabilities, which it does not get under a tracer without privileges", withoutTrace}
	}
	return nil
}

// tracing returns the name of a program that itself uses ptrace(2), or "".
func tracing(program string) string {
	name := path.Base(program)
	for _, tracer := range []string{"gdb", "gdbserver", "lldb", "lldb-server", "dlv", "strace", "ltrace", "rr", "uftrace", "valgrind"} {
		if name == tracer {
			return name
		}
	}
	return ""
}

// narrow reports whether a file is a program of 32 bits, whose calls have other
// numbers.
func narrow(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [elf.EI_CLASS + 1]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && string(head[:4]) == elf.ELFMAG && elf.Class(head[elf.EI_CLASS]) == elf.ELFCLASS32
}

// raised reports whether a file gives its process other rights than those of
// its caller.
func raised(file string) bool {
	var st unix.Stat_t
	if unix.Stat(file, &st) == nil && st.Mode&(unix.S_ISUID|unix.S_ISGID) != 0 {
		return true
	}
	n, err := unix.Getxattr(file, "security.capability", nil)
	return err == nil && n > 0
}

// deprived reports whether a process may not gain rights by a file (no_new_privs).
func deprived(status string) bool {
	text, err := os.ReadFile(status)
	return err == nil && strings.Contains(string(text), "\nNoNewPrivs:\t1")
}
