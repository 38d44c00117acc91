package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak/rules"
	tracerun "github.com/sockleak/sockleak/internal/opener/run"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
	"github.com/sockleak/sockleak/internal/words"
)

// checkJob is one check under way: the commands that it started and how they
// ended.
type checkJob struct {
	*checkOptions
	env     Env
	scanner *scan.Scanner
	target  scan.Target

	sup    *supervise.Supervisor
	tree   *supervise.Tree // the command after --, nil without one
	ends   *endings        // of its processes; nil where nobody tells
	began  time.Time       // when the command was about to be started
	lines  lines
	tracer *tracerun.Tracer // of the command; nil without --trace, and where there is none
	// untraceable says why there is none.
	untraceable error
	status      int // the first exit code of a command that is not 0
	timedOut    atomic.Bool
	left        int    // processes that the command left running
	untraced    string // why the ends of processes were not seen exactly
}

// exitTimedOut is the code for a command that was ended by --timeout, as
// timeout(1) has it.
const exitTimedOut = 124

// run starts what is to be started, checks, and ends what must not outlive
// the check.
func (j *checkJob) run(ctx context.Context) (*check.Result, error) {
	if len(j.args) == 0 {
		if _, err := j.scanner.Look(ctx, j.target); err != nil && ctx.Err() == nil {
			return nil, err // there is nothing to check; say why before the tests run
		}
	}
	if len(j.args) > 0 && j.trace {
		j.newTracer()
	}
	if len(j.args) > 0 || j.exercise != "" {
		sup, err := supervise.New()
		if err != nil {
			return nil, err
		}
		defer sup.Close()
		j.sup = sup
	}
	defer j.lines.close()
	if len(j.args) == 0 {
		if j.trace {
			j.lines.attach()
		}
		return j.runTarget(ctx)
	}
	given := ownSockets()
	tree, err := j.startCommand(given)
	if err != nil {
		return nil, err
	}
	j.tree = tree
	if j.fresh() {
		return j.runTest(ctx, given)
	}
	return j.runServer(ctx)
}

// plan is what the checks of a server and of a running target have in common.
func (j *checkJob) plan() check.Plan {
	return check.Plan{
		Look: j.lookAtTarget, Detail: j.detail, Now: j.env.Now, Judge: rules.Judge, Exercise: j.watchOnly,
		Every: j.look.interval, WarmUp: j.warmUp, Settle: j.patience(), Settings: j.settings(), Limits: j.limits,
		Say: newProgress(j.env).line,
	}
}

// runTarget checks processes that run already.
func (j *checkJob) runTarget(ctx context.Context) (*check.Result, error) {
	plan := j.plan()
	if j.exercise != "" {
		plan.Exercise = j.runExercise
		return check.Run(ctx, plan)
	}
	talk := newProgress(j.env)
	defer talk.done()
	plan.Say = talk.say
	return check.Run(ctx, plan)
}

// startCommand starts the command after --, which was given some sockets.
func (j *checkJob) startCommand(given map[uint64]bool) (_ *supervise.Tree, err error) {
	if j.fresh() && j.stopAtExit {
		if j.ends, err = newEndings(j.env.Now, given); err != nil {
			return nil, err
		}
	}
	j.began = j.env.Now()
	if j.trace {
		return j.startTraced()
	}
	return j.start(j.args, j.starter())
}

// starter is how the command is started without --trace.
func (j *checkJob) starter() supervise.Starter {
	if j.ends == nil {
		return nil
	}
	return j.ends.start
}

// start starts a command, with the caller's rights. starter may be nil.
func (j *checkJob) start(args []string, starter supervise.Starter) (tree *supervise.Tree, err error) {
	err = caller.Do(func() error {
		tree, err = j.sup.Start(supervise.Command{Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Starter: starter})
		return err
	})
	return tree, err
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
		fmt.Fprintf(j.env.Stderr, "sockleak: %s\n", words.Clean(err.Error()))
	}
	tree.Exit()
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
	if j.timedOut.Load() {
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
	r, left := j.judgement.build(res.Snapshot, res.History, res.Findings, "check")
	r.Rules = append(r.Rules, check.Rules()...)
	r.Traced = j.trace
	if res.Before > 0 {
		r.Hints = append(r.Hints, words.Plural(res.Before, "finding")+" about sockets that were open before the baseline, not counted; sockleak scan shows them")
	}
	if j.untraced != "" {
		r.Hints = append(r.Hints, "the ends of processes were sampled, not seen exactly: "+words.Clean(j.untraced))
	}
	if j.left > 0 {
		fate := "they were watched, not terminated"
		if j.lines.tracer != nil {
			fate = "--trace ends them with sockleak, for without it they could open no sockets"
		}
		r.Hints = append(r.Hints, "processes that the command left running: "+strconv.Itoa(j.left)+"; "+fate)
	}
	if len(res.Hung) > 0 {
		r.Hints = append(r.Hints, hungHint(j.cut(), res.Hung))
	}
	if j.status != 0 && !j.timedOut.Load() {
		r.Hints = append(r.Hints, fmt.Sprintf("the command failed; its code %d is the exit code", j.status))
	}
	r.Hints = append(r.Hints, j.known.unused(&left)...)
	return r
}

// peers finds out what is at the other end of some sockets.
func (j *checkJob) peers(ctx context.Context, snap *socket.Snapshot, list []*socket.Socket) error {
	return j.scanner.Detail(ctx, snap, &socket.Questions{Peers: list})
}

// detail finds out more about all that is suspicious.
func (j *checkJob) detail(ctx context.Context, snap *socket.Snapshot) error {
	return j.scanner.Detail(ctx, snap, nil)
}
