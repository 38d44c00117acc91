package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/socket"
)

// readyFlags say when a server is ready for the exercise. By default that is
// when the first of its sockets listens.
type readyFlags struct {
	command string
	port    uint16
	timeout time.Duration
}

func (f *readyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.command, "ready", "", "start the exercise when this shell `command` succeeds")
	flags.Uint16Var(&f.port, "ready-port", 0, "start the exercise when the server listens on this `port`; by default, on any port")
	durationVar(cmd, &f.timeout, "ready-timeout", 30*time.Second, "maximum time to wait until the server is ready")
}

// given reports whether the user said what to wait for.
func (f *readyFlags) given() bool { return f.command != "" || f.port != 0 }

// check finds flags that contradict each other or have no effect.
func (f *readyFlags) check(server bool) error {
	switch {
	case f.command != "" && f.port != 0:
		return usage("--ready and --ready-port cannot be combined")
	case f.given() && !server:
		return usage("--ready and --ready-port wait for a server: give it after --, and the tests with --exercise")
	case f.timeout < 0:
		return usage("--ready-timeout %s: a duration cannot be negative", f.timeout)
	}
	return nil
}

// readyEvery is the time between two questions whether a server is ready.
const readyEvery = 50 * time.Millisecond

// awaitReady waits until the server is ready. One that never listens is
// exercised all the same unless the user said what to wait for: it may be a
// client.
func (j *checkJob) awaitReady(ctx context.Context) error {
	begin := j.env.Now()
	for {
		ready, err := j.isReady(ctx)
		switch {
		case errors.Is(err, check.ErrGone):
			return errors.New("the server ended before it was ready; run it alone to see why")
		case err != nil || ready:
			return err
		case j.env.Now().Sub(begin) < j.ready.timeout:
		case j.ready.given():
			return fmt.Errorf("the server was not ready after --ready-timeout %s", j.ready.timeout)
		default:
			fmt.Fprintf(j.env.Stderr, "sockleak: the server is not listening after %s; starting the exercise anyway (see --ready)\n", j.ready.timeout)
			return nil
		}
		if !sleep(ctx, readyEvery) {
			return ctx.Err()
		}
	}
}

// isReady asks once.
func (j *checkJob) isReady(ctx context.Context) (bool, error) {
	select {
	case <-j.tree.Done():
		if list, err := j.tree.Processes(); err != nil || len(list) == 0 {
			return false, errors.Join(check.ErrGone, err)
		}
	default:
	}
	if j.ready.command != "" {
		return j.readyCommand()
	}
	snap, err := j.lookAtTree(ctx)
	if errors.Is(err, check.ErrGone) { // it has not begun, or has just ended: Done tells
		return false, nil
	}
	return err == nil && listens(snap, j.ready.port), err
}

// readyCommand runs the user's command once.
func (j *checkJob) readyCommand() (bool, error) {
	tree, err := j.start([]string{"sh", "-c", j.ready.command}, nil)
	if err != nil {
		return false, err
	}
	return tree.Exit().Status() == 0, nil
}

// listens reports whether a target listens on the port, or, with port 0, at all.
func listens(snap *socket.Snapshot, port uint16) bool {
	for _, s := range snap.Sockets {
		if s.State != socket.Listen || port != 0 && s.Local.Port() != port {
			continue
		}
		for _, h := range s.Holders {
			if p := snap.Process(h.Process); p != nil && p.Target {
				return true
			}
		}
	}
	return false
}
