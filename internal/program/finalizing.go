//go:build linux

package program

import (
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// Finalizing returns the address of a word of a process that is 0 until its
// interpreter begins to close what the program has left open; 0 where it has none
// that is known. later is true where that is known only when the libraries of the
// program are mapped.
func Finalizing(root string, pid int) (word uint64, later bool) {
	exe, err := os.Readlink(root + "/" + strconv.Itoa(pid) + "/exe")
	if err != nil || !strings.HasPrefix(path.Base(exe), "python") {
		return 0, false
	}
	const most = 64 << 10 // bytes of its memory
	p := Program{Process: &socket.Process{Exe: exe}}
	if p.Memory, err = memory.Open(root, pid, most); err != nil {
		return 0, false
	}
	defer p.Memory.Close()
	if p.Maps, err = p.Memory.Maps(); err != nil {
		return 0, false
	}
	m, minor := p.interpreter()
	if m == nil {
		return 0, true
	}
	runtime, err := p.dynamicSymbol(m, "_PyRuntime")
	if err != nil {
		return 0, true
	}
	word, err = python.Finalizing(p.Memory, minor, runtime)
	return word, err != nil
}
