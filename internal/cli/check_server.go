package cli

import (
	"context"
	"errors"
	"time"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/scan/target"
	"github.com/sockleak/sockleak/internal/socket"
)

// runServer checks a command that serves while the exercise runs, and ends it.
func (j *checkJob) runServer(ctx context.Context) (*check.Result, error) {
	plan := j.plan()
	plan.Look, plan.Exercise = j.lookAtTree, j.runExercise
	var result *check.Result
	err := j.awaitReady(ctx)
	if err == nil {
		result, err = check.Run(ctx, plan)
	}
	select {
	case <-j.tree.Done(): // by itself: its code is its own
		j.note(j.tree.Exit().Status())
	default:
	}
	return result, errors.Join(err, j.tree.End(j.killAfter))
}

// runExercise runs the traffic and waits for its end.
func (j *checkJob) runExercise(ctx context.Context) error {
	tree, err := j.start([]string{"sh", "-c", j.exercise}, nil)
	if err != nil {
		return err
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		j.wait(tree)
	}()
	select {
	case <-over:
	case <-ctx.Done(): // a signal that it got as well, or the target is gone
		select {
		case <-over:
		case <-time.After(j.killAfter):
		}
		err = errors.Join(ctx.Err(), tree.End(j.killAfter))
		<-over
	}
	j.note(tree.Exit().Status())
	return err
}

// lookAtTree looks at the command and all that it started.
func (j *checkJob) lookAtTree(ctx context.Context) (*socket.Snapshot, error) {
	alive, err := j.tree.Processes()
	if err != nil {
		return nil, err
	}
	if len(alive) == 0 {
		return nil, check.ErrGone
	}
	return j.lookAtProcesses(ctx, alive)
}

// watchOnly is the exercise of a running target whose traffic others make.
func (j *checkJob) watchOnly(ctx context.Context) error {
	if !sleep(ctx, j.look.duration) {
		return ctx.Err()
	}
	return nil
}

// lookAtTarget looks at processes that were not started here.
func (j *checkJob) lookAtTarget(ctx context.Context) (*socket.Snapshot, error) {
	return j.lookAt(ctx, j.target)
}

// lookAt looks at a target that may have ended.
func (j *checkJob) lookAt(ctx context.Context, t scan.Target) (*socket.Snapshot, error) {
	s, err := j.scanner.Look(ctx, t)
	switch {
	case err == nil && !anyTarget(s):
		return nil, check.ErrGone
	case errors.Is(err, target.ErrNoProcess), errors.Is(err, target.ErrNoMatch), errors.Is(err, target.ErrZombie):
		return nil, errors.Join(check.ErrGone, err)
	case err != nil:
		return nil, err
	}
	j.lines.annotate(s)
	return s, nil
}
