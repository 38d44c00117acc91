package cli

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// timeout(1) sends each signal twice, and an impatient user presses Ctrl-C
// again. The second must not end the process while it writes what was seen until
// the first, nor change its exit code at the end: here it would end the tests.
func TestLaterInterruptsChangeNothing(t *testing.T) {
	t.Cleanup(func() { signal.Reset(syscall.SIGINT, syscall.SIGTERM) })
	ctx, stop := interruptible()
	for range 3 {
		interrupt(t)
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("an interrupt changed nothing")
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	interrupt(t)
	time.Sleep(50 * time.Millisecond)
}

func interrupt(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
}
