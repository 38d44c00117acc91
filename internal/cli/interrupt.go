package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// patience is for how long a scan leaves it to the system what an interrupt
// does: it ends the process, which has not reported anything yet.
const patience = 20 * time.Millisecond

// interruptible returns a context that SIGINT and SIGTERM end. The runtime
// starts three threads for signals, which takes longer than a look at a few
// sockets; so a scan asks for them only when it turns out to take its time.
func interruptible(args []string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	notice := func() {
		noticed, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(noticed, func() { stop(); cancel() })
	}
	if len(args) == 0 || args[0] != "scan" {
		notice()
		return ctx, cancel
	}
	later := time.AfterFunc(patience, notice)
	return ctx, func() { later.Stop(); cancel() }
}
