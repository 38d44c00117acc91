//go:build !linux

package scan

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// Detail has nothing to add where there is no /proc.
func (*Scanner) Detail(context.Context, *socket.Snapshot, *socket.Questions) error { return nil }
