package check

import (
	"context"
	"errors"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Look takes one look at the targets. It returns ErrGone when none of them
// lives any more; every other error ends the check.
type Look func(context.Context) (*socket.Snapshot, error)

// ErrGone: no target process is alive.
var ErrGone = errors.New("the target has ended")

// Plan says how to check.
type Plan struct {
	Look Look
	// Detail adds to a snapshot what only suspicious sockets are worth; nil
	// where nothing can.
	Detail func(context.Context, *socket.Snapshot) error
	Now    func() time.Time

	// Exercise runs the traffic and returns when it is over. ctx is done when
	// nobody looks any more; the error is why the traffic did not run to its end.
	Exercise func(ctx context.Context) error

	Every    time.Duration                                      // longest pause between two looks
	WarmUp   time.Duration                                      // at most; it ends by itself when the counts are stable
	Settle   time.Duration                                      // at most; it ends by itself when nothing new is left
	Settings leak.Settings                                      // of the rules
	Judge    func(*track.History, leak.Settings) []leak.Finding // usually leak.Judge
	Limits   Limits
	Say      func(phase string) // told when a phase begins
}

// Limits are bounds that the user sets; a negative one is not set.
type Limits struct {
	CloseWait int // sockets in CLOSE_WAIT that one process may hold at the end
	FDGrowth  int // descriptors that one process may have more at the end than at the baseline
}

// NoLimits sets no bound.
func NoLimits() Limits { return Limits{CloseWait: -1, FDGrowth: -1} }

const (
	// windows and windowLooks: a socket is confirmed when this many looks in
	// a row found the same wrong with the same socket.
	windows      = 2
	windowLooks  = 2
	confirmLooks = windows * windowLooks

	// stableLooks is the number of looks in a row with the same number of
	// sockets, over at least Plan.Every, after which a target counts as warm.
	stableLooks = 3
)
