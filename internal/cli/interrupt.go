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
//
// Signals after the first change nothing, neither what is written nor the exit
// code: timeout(1) for one sends each signal twice, to the process and to its
// group, and the second may come as late as the end of the process. So they
// are never let through again.
func interruptible(args []string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	notice := func() {
		noticed, _ := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(noticed, cancel)
	}
	if len(args) == 0 || args[0] != "scan" {
		notice()
		return ctx, cancel
	}
	later := time.AfterFunc(patience, notice)
	return ctx, func() { later.Stop(); cancel() }
}
