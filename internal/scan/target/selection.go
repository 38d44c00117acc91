package target

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// selection is the processes that match all that a target asks for.
type selection struct {
	pids  []int
	begun bool
}

// narrow leaves those that are in the list as well.
func (s *selection) narrow(to []int) {
	if !s.begun {
		s.pids, s.begun = to, true
		return
	}
	in := map[int]bool{}
	for _, pid := range to {
		in[pid] = true
	}
	s.pids = slices.DeleteFunc(s.pids, func(pid int) bool { return !in[pid] })
}

// empty is the error that nothing is left, nil when something is.
func (s *selection) empty() error {
	if len(s.pids) == 0 {
		return fmt.Errorf("%w all selectors; selectors of different kinds narrow each other", ErrNoMatch)
	}
	return nil
}

// pidsOf returns the pids that the target gives.
func pidsOf(t *Target) []int {
	pids := slices.Clone(t.PIDs)
	for _, id := range t.Alive {
		pids = append(pids, id.PID)
	}
	return pids
}

// findByNames returns the pids of the processes that one of the patterns
// matches, as findByName does for one.
func findByNames(ctx context.Context, table Table, patterns []*regexp.Regexp) ([]int, error) {
	var pids []int
	for _, p := range patterns {
		found, err := findByName(ctx, table, p.MatchString)
		if err != nil {
			return nil, fmt.Errorf("find processes by name: %w", err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%w the name %q; try a shorter pattern", ErrNoMatch, p)
		}
		pids = append(pids, found...)
	}
	return pids, nil
}
