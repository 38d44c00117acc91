//go:build !linux || (!amd64 && !arm64)

package ptrace

import (
	"errors"
	"os"
)

// Start fails: there is no tracer for this system.
func Start(string, []string, *os.ProcAttr, Options) (*Command, error) {
	return nil, errors.New("a command can be traced on Linux only, on x86-64 and arm64")
}

// Leave does nothing.
func (*Command) Leave(string) {}

// Release does nothing.
func (*Exit) Release() {}

// Release does nothing.
func (*Call) Release() {}

type (
	loop      struct{}
	registers struct{}
)

func peek(int, uint64) (uint64, error) { return 0, errors.ErrUnsupported }

func (registers) saved() map[uint64]uint64 { return nil }
func (registers) goroutine() uint64        { return 0 }
