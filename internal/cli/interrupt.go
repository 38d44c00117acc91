package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that SIGINT and SIGTERM end.
//
// Signals after the first change nothing, neither what is written nor the exit
// code: timeout(1) for one sends each signal twice, to the process and to its
// group, and the second may come as late as the end of the process. So they
// are never let through again.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	noticed, _ := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(noticed, cancel)
	return ctx, cancel
}
