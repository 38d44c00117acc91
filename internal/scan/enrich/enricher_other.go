//go:build !linux

package enrich

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// Enricher adds nothing where there is no /proc.
type Enricher struct{}

// Namespaces adds nothing.
func (*Enricher) Namespaces(context.Context, *source.Builder) {}

// Complete adds nothing.
func (*Enricher) Complete(context.Context, *source.Builder, source.Waits) error { return nil }

// Detail adds nothing.
func (*Enricher) Detail(context.Context, *socket.Snapshot, *socket.Questions, source.Waits, func() time.Time) error {
	return nil
}
