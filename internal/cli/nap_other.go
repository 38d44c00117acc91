//go:build !linux

package cli

import (
	"context"
	"time"
)

// napLength is 0: every sleep is a timer's.
const napLength = 0

func nap(ctx context.Context, _ time.Duration) bool { return ctx.Err() == nil }
