package run

import (
	"time"

	"github.com/sockleak/sockleak/internal/ptrace"
)

// Options say how a command is traced.
type Options struct {
	Root string // of the proc file system
	Now  func() time.Time
	// Prepare, Exit and Watch are those of ptrace.Options.
	Prepare func() error
	Exit    func(*ptrace.Exit) bool
	Watch   func(pid int, mapped bool) (word uint64, later bool)
}
