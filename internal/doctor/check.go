package doctor

import (
	"context"
	"time"
)

// Status is the outcome of a check.
type Status string

// The outcomes.
const (
	OK      Status = "ok"      // nothing is missing
	Limited Status = "limited" // part of it works, or matters in some cases only
	Missing Status = "missing" // it does not work
)

// Check is one thing that sockleak needs in order to see something.
type Check struct {
	Name   string // a capability, a source, a setting
	Status Status
	Found  string // what was found, one line; may quote other processes
	Gives  string // what can be seen with it
	// Capability is the Linux capability that is missing, such as
	// CAP_SYS_PTRACE; "" when that is not what is missing.
	Capability string
	Fix        []string // each an exact way to get it; none when there is none

	unread, all int // processes that could not be read, of how many
}

// Options configure Examine.
type Options struct {
	Now func() time.Time // the clock; required
}

// Examine carries out every check of this system, in their order. It needs no
// privilege: what a missing one prevents is what it reports. It fails only
// when the context ends.
func Examine(ctx context.Context, o Options) ([]Check, error) {
	var list []Check
	for _, check := range checks() {
		list = append(list, check(ctx, o)...)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return list, nil
}

// Capabilities returns the capabilities that the checks miss, each once, without
// those that only some machines need.
func Capabilities(list []Check) []string {
	var caps []string
	for i := range list {
		if name := list[i].Capability; name != "" && list[i].Status == Missing {
			caps = append(caps, name)
		}
	}
	return caps
}
