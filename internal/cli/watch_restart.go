package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/live"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/scan/target"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// follow prepares for the end of the processes that were given by their pids:
// from the first look on they are known by identity, so that one of several may
// end, and another that gets its pid is not taken for it.
func (w *watching) follow(snap *socket.Snapshot) {
	if !w.restarts || len(w.targets.PIDs) == 0 {
		return
	}
	for i := range snap.Processes {
		if p := &snap.Processes[i]; slices.Contains(w.targets.PIDs, p.ID.PID) {
			w.targets.Alive = append(w.targets.Alive, p.ID)
		}
	}
	w.targets.PIDs = nil
}

// lost says what happens when nothing can be looked at any more. A restart is an
// event: it waits for the next processes that match, which are those of the same
// command line where pids were given. The error is not nil when none can come.
func (w *watching) lost(err error) (*live.Sample, error) {
	first := w.missing == nil
	if first {
		w.missing = err
	}
	ended := errors.Is(err, target.ErrNoMatch) || errors.Is(err, target.ErrNoProcess) || errors.Is(err, target.ErrZombie)
	switch {
	case !ended || w.targets.All():
		return nil, err
	case w.targets.ByPID() && !w.restarts:
		return nil, err
	case w.targets.ByPID():
		var what string
		if w.targets, what = sameCommand(w.history.Now(), w.targets); what == "" {
			return nil, err
		}
		w.missing = fmt.Errorf("%s has ended", what)
	}
	return w.recorder.Lost(w.env.Now(), words.Clean(w.missing.Error())), nil
}

// sameCommand returns the target that is every process with the command line of
// one of those that were looked at, and what these were called.
func sameCommand(snap *socket.Snapshot, before scan.Target) (after scan.Target, what string) {
	var patterns, names []string
	for i := range snap.Processes {
		p := &snap.Processes[i]
		if !slices.Contains(before.Alive, p.ID) {
			continue
		}
		line := strings.Join(p.Args, " ")
		if line == "" {
			line = p.Name
		}
		patterns = append(patterns, regexp.QuoteMeta(line))
		names = append(names, fmt.Sprintf("%s (pid %d)", p.Name, p.ID.PID))
	}
	if len(patterns) == 0 {
		return before, ""
	}
	re, err := regexp.Compile(`^(?:` + strings.Join(patterns, "|") + `)$`)
	if err != nil { // a command line may be too long for an expression
		return before, ""
	}
	return scan.Target{Names: []*regexp.Regexp{re}, Tree: before.Tree}, strings.Join(names, ", ")
}
