//go:build linux

package memory

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ErrBudget is returned when more was to be read than the reader may cost.
var ErrBudget = errors.New("more memory than is looked at")

// Process is the memory of a process as it was when it was opened: it does not
// become another program's when the process executes one, nor another process's
// when the pid is reused. It is not safe for concurrent use.
type Process struct {
	dir    string // /proc/PID
	mem    int
	budget int64 // bytes that may still be read
	pid    int   // for process_vm_readv(2); 0 where that is not to be used
}

// Open opens the memory of a process, of which budget bytes may be read in
// all. It reads /proc/PID/mem, and many places at once by process_vm_readv(2) where
// that is allowed. The error wraps os.ErrPermission where the right to trace it
// is missing, and os.ErrNotExist where the process is gone.
func Open(root string, pid int, budget int64) (*Process, error) {
	dir := root + "/" + strconv.Itoa(pid)
	fd, err := unix.Open(dir+"/mem", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir + "/mem", Err: err}
	}
	p := &Process{dir: dir, mem: fd, budget: budget}
	if self, err := os.Readlink(root + "/self"); err == nil && self == strconv.Itoa(os.Getpid()) {
		p.pid = pid // it numbers processes as we do
	}
	return p, nil
}

// Allow lets at least so many bytes more be read: what belongs to one question
// has a bound, and there may be many.
func (p *Process) Allow(bytes int64) { p.budget = max(p.budget, bytes) }

// Close closes the memory.
func (p *Process) Close() error { return unix.Close(p.mem) }

// ReadAt reads the memory at an address. It reads all or fails: with io.EOF
// when the process has ended or executed another program since.
func (p *Process) ReadAt(buf []byte, addr int64) (int, error) {
	if p.budget -= int64(len(buf)); p.budget < 0 {
		return 0, ErrBudget
	}
	if addr < 0 || len(buf) == 0 {
		return 0, unix.EFAULT
	}
	n, err := unix.Pread(p.mem, buf, addr)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read memory at %#x: %w", addr, err)
	case n == 0:
		return 0, io.EOF
	case n < len(buf):
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}
