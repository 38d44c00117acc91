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

	"github.com/sockleak/sockleak/internal/ptrace"
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

// remarkable returns what is to be said about the program that a process has
// executed, or nil.
func remarkable(root string, pid int, missing ptrace.Need) *remark {
	const withoutTrace = "run it without --trace"
	file := fmt.Sprintf("%s/%d/exe", root, pid)
	link, _ := os.Readlink(file)
	name := path.Base(strings.TrimSuffix(link, " (deleted)"))
	switch {
	case missing == ptrace.NeedsPtrace:
		return &remark{name, "it cannot trace programs that sockleak traces", withoutTrace}
	case missing == ptrace.NeedsRights:
		return &remark{name, "it has rights by its file, which it does not get under a tracer without privileges", withoutTrace}
	case narrow(file):
		return &remark{name, "it is a 32-bit program: the lines that open its sockets are not known", ""}
	}
	return nil
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
