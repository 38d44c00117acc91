//go:build !linux

package run

import (
	"errors"
	"os"

	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/socket"
)

// Tracer does nothing on this system.
type Tracer struct{ Options }

// New fails: there is no tracer for this system.
func New(Options) (*Tracer, error) {
	return nil, errors.New("a command can be traced on Linux only")
}

// Start fails.
func (*Tracer) Start(string, []string, *os.ProcAttr) (*ptrace.Command, error) {
	return nil, errors.ErrUnsupported
}

// Annotate does nothing.
func (*Tracer) Annotate(*socket.Snapshot) {}

// Close does nothing.
func (*Tracer) Close() error { return nil }
