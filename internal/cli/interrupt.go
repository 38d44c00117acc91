package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that ends with the signals that ask a
// program to end: Ctrl-C, kill(1), a terminal that goes away, Ctrl-\. What was
// seen until then is judged and written. One that the caller has set to be
// ignored stays ignored, as nohup(1) wants it.
//
// Signals after the first change nothing, neither what is written nor the exit
// code: timeout(1) for one sends each signal twice, to the process and to its
// group, and the second may come as late as the end of the process. So they
// are never let through again.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	noticed, _ := signal.NotifyContext(ctx, signals...)
	context.AfterFunc(noticed, cancel)
	return ctx, cancel
}
