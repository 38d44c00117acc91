package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
)

// checkJob is one check under way: the commands that it started and how they
// ended.
type checkJob struct {
	*checkOptions
	env     Env
	scanner *scan.Scanner
	target  scan.Target

	sup      *supervise.Supervisor
	tree     *supervise.Tree // the command after --, nil without one
	status   int             // the first exit code of a command that is not 0
	timedOut atomic.Bool
	left     int // processes that the command left running
}

// exitTimedOut is the code for a command that was ended by --timeout and then
// exited with 0, as timeout(1) has it.
const exitTimedOut = 124

// run starts what is to be started, checks, and ends what must not outlive
// the check.
func (j *checkJob) run(ctx context.Context) (*check.Result, error) {
	plan := check.Plan{
		Look: j.lookAtTarget, Now: j.env.Now, Judge: leak.Judge, Exercise: j.watchOnly, Fresh: j.fresh(),
		Every: j.look.interval, WarmUp: j.warmUp, Settle: j.settle, Settings: j.settings(), Limits: j.limits,
	}
	if len(j.args) == 0 {
		if _, err := j.scanner.Look(ctx, j.target); err != nil {
			return nil, err // there is nothing to check; say why before the tests run
		}
	}
	if len(j.args) > 0 || j.exercise != "" {
		sup, err := supervise.New()
		if err != nil {
			return nil, err
		}
		defer sup.Close()
		j.sup = sup
	} else {
		talk := newProgress(j.env)
		defer talk.done()
		plan.Say = talk.say
	}
	if j.exercise != "" {
		plan.Exercise = j.runExercise
	}
	if len(j.args) == 0 {
		return check.Run(ctx, plan)
	}
	tree, err := j.start(j.args)
	if err != nil {
		return nil, err
	}
	j.tree, plan.Look = tree, j.lookAtTree
	if j.fresh() {
		return j.runTest(ctx, plan)
	}
	return j.runServer(ctx, plan)
}

func (j *checkJob) start(args []string) (*supervise.Tree, error) {
	return j.sup.Start(supervise.Command{Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
}

// runTest checks a command that is itself the test. Signals are forwarded to
// it; the check goes on for as long as it lives, and not longer when a signal
// came.
func (j *checkJob) runTest(ctx context.Context, plan check.Plan) (*check.Result, error) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() {
		<-j.tree.Done()
		select {
		case <-ctx.Done():
			cancel()
		case <-run.Done():
		}
	}()
	plan.Exercise = func(context.Context) error {
		j.wait(j.tree)
		return nil
	}
	result, err := check.Run(run, plan)
	j.note(j.tree.Exit().Status())
	if list, gone := j.tree.Processes(); gone == nil {
		j.left = len(list)
	}
	return result, err
}

// runServer checks a command that serves while the exercise runs, and ends it.
func (j *checkJob) runServer(ctx context.Context, plan check.Plan) (*check.Result, error) {
	result, err := check.Run(ctx, plan)
	select {
	case <-j.tree.Done(): // by itself: its code is its own
		j.note(j.tree.Exit().Status())
	default:
	}
	return result, errors.Join(err, j.tree.End(j.killAfter))
}

// runExercise runs the traffic and waits for its end.
func (j *checkJob) runExercise(ctx context.Context) error {
	tree, err := j.start([]string{"sh", "-c", j.exercise})
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

// wait waits for a command, for as long as --timeout allows.
func (j *checkJob) wait(tree *supervise.Tree) {
	if j.timeout == 0 {
		tree.Exit()
		return
	}
	t := time.NewTimer(j.timeout)
	defer t.Stop()
	select {
	case <-tree.Done():
		return
	case <-t.C:
	}
	j.timedOut.Store(true)
	fmt.Fprintf(j.env.Stderr, "sockleak: still running after --timeout %s; ending it\n", j.timeout)
	if err := tree.End(j.killAfter); err != nil {
		fmt.Fprintf(j.env.Stderr, "sockleak: %s\n", report.Clean(err.Error()))
	}
	tree.Exit()
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

// lookAtTree looks at the command and all that it started.
func (j *checkJob) lookAtTree(ctx context.Context) (*socket.Snapshot, error) {
	alive, err := j.tree.Processes()
	if err != nil {
		return nil, err
	}
	if len(alive) == 0 {
		return nil, check.ErrGone
	}
	s, err := j.lookAt(ctx, scan.Target{Alive: alive})
	if limit := j.sup.Limit(); err == nil && limit != "" {
		s.Gaps = append(s.Gaps, socket.Gap{Where: "what the command starts", Why: limit, Count: 1, Blinds: true})
	}
	return s, err
}

func (j *checkJob) lookAt(ctx context.Context, t scan.Target) (*socket.Snapshot, error) {
	s, err := j.scanner.Look(ctx, t)
	switch {
	case err == nil && !anyTarget(s):
		return nil, check.ErrGone
	case errors.Is(err, scan.ErrNoProcess), errors.Is(err, scan.ErrNoMatch), errors.Is(err, scan.ErrZombie):
		return nil, fmt.Errorf("%w: %w", check.ErrGone, err)
	}
	return s, err
}

func anyTarget(s *socket.Snapshot) bool {
	for i := range s.Processes {
		if s.Processes[i].Target {
			return true
		}
	}
	return false
}

// note keeps the first exit code of a command that is not 0.
func (j *checkJob) note(status int) {
	if j.status == 0 {
		j.status = status
	}
	if j.status == 0 && j.timedOut.Load() {
		j.status = exitTimedOut
	}
}

// exit gives the command's own exit code precedence over the verdict, and
// tells our own failure from the command's.
func (j *checkJob) exit(err error) error {
	var failed *supervise.StartError
	var coded *codeError
	switch {
	case errors.As(err, &failed):
		return &codeError{failed.Code, err}
	case j.status != 0:
		if errors.As(err, &coded) {
			err = coded.err
		}
		return &codeError{j.status, err}
	case err != nil && len(j.args) > 0 && !errors.As(err, &coded):
		return &codeError{supervise.CodeFailed, err}
	}
	return err
}

// report builds the report of the result.
func (j *checkJob) report(res *check.Result) *report.Report {
	findings, left := j.judgement.filter.Apply(res.Snapshot, res.History, res.Findings)
	r := report.Of(res.Snapshot, res.History, findings)
	r.Version, r.Command = buildVersion(), "check"
	r.Rules = append(r.Rules, check.Rules()...)
	j.judgement.tell(r, left)
	if res.Before > 0 {
		r.Hints = append(r.Hints, leak.Plural(res.Before, "finding")+" about sockets that were open before the baseline, not counted; sockleak scan shows them")
	}
	if j.left > 0 {
		r.Hints = append(r.Hints, "processes that the command left running: "+strconv.Itoa(j.left)+"; they were watched, and not ended")
	}
	if j.status != 0 {
		r.Hints = append(r.Hints, fmt.Sprintf("the command failed; its code %d is the exit code", j.status))
	}
	return j.known.apply(r)
}
