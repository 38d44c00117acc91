package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
)

// runTest checks a command that is itself the test. Signals are forwarded to
// it; the check goes on for as long as it lives, and not longer when a signal
// came.
func (j *checkJob) runTest(ctx context.Context, given map[uint64]bool) (*check.Result, error) {
	supervise.Hurry()
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		j.wait(j.tree)
	}()
	go func() {
		<-over
		select {
		case <-ctx.Done():
			cancel()
		case <-run.Done():
		}
	}()
	command := check.Command{
		Alive: j.tree.Processes, Look: j.lookAtProcesses, Detail: j.detail, Peers: j.peers, Now: j.env.Now, Done: over,
		Root: j.tree.Root(), Began: j.began,
		Every: j.look.interval, Settle: j.patience(), Settings: j.settings(), Judge: rules.Judge, Limits: j.limits,
		Inodes: given, Cut: j.cut, Say: newProgress(j.env).line,
	}
	if j.ends != nil {
		command.Endings = j.ends.came
	}
	result, err := check.Follow(run, command)
	<-over
	if j.ends != nil {
		j.untraced = j.ends.untraced()
		j.ends.leave()
	}
	j.note(j.tree.Exit().Status())
	if list, gone := j.tree.Processes(); gone == nil {
		j.left = len(list)
	}
	return result, err
}

// cut says what is ending the command, or "".
func (j *checkJob) cut() string {
	if j.timedOut.Load() {
		return "--timeout " + j.timeout.String()
	}
	return ""
}

// lookAtProcesses looks at processes of the command.
func (j *checkJob) lookAtProcesses(ctx context.Context, list []socket.ProcessID) (*socket.Snapshot, error) {
	s, err := j.lookAt(ctx, scan.Target{Alive: list})
	if limit := j.sup.Limit(); err == nil && limit != "" {
		s.Gaps = append(s.Gaps, socket.Gap{Where: "what the command starts", Why: limit, Count: 1, Blinds: true})
	}
	return s, err
}

// ownSockets returns the inodes of the sockets that sockleak itself was
// started with, as a terminal or a CI runner hands them down.
func ownSockets() map[uint64]bool {
	given := map[uint64]bool{}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return given // not Linux: nothing is followed there
	}
	for _, e := range entries {
		link, err := os.Readlink("/proc/self/fd/" + e.Name())
		number, ok := strings.CutPrefix(link, "socket:[")
		if err != nil || !ok {
			continue
		}
		if inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64); err == nil {
			given[inode] = true
		}
	}
	return given
}

// hungHint names the processes that had to be ended and held no socket.
func hungHint(why string, list []socket.Process) string {
	var names []string
	for i := range list {
		names = append(names, fmt.Sprintf("%s (pid %d)", list[i].Name, list[i].ID.PID))
	}
	return fmt.Sprintf("still running at %s, without an open socket: %s", why, strings.Join(names, ", "))
}
