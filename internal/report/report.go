package report

import (
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Report is everything that a format may tell about one run.
type Report struct {
	Version  string // of sockleak
	Command  string // the subcommand that made it, such as scan
	Target   string // what it was told to look at, as in "--name api"; "" when that is not known
	Snapshot *socket.Snapshot
	History  *track.History
	Rules    []leak.Rule    // those that judged, in their order
	Findings []leak.Finding // in the order of leak.Sort
	Verdict  Verdict
	Accounts []Account // one for each target, by pid
	Total    Account   // of all targets together, each socket counted once
	Tally    Tally
	Settings []SettingsFile // those that were read
	Hints    []string       // what a longer or more privileged look would add

	Traced      bool // the lines that open sockets were asked for
	FullCommand bool // show command lines whole, with what may be secret in them
}

// Window returns the time between the first and the last look; 0 for one.
func (r *Report) Window() time.Duration { return r.History.Window() }

// Looks returns how many looks were taken.
func (r *Report) Looks() int { return r.History.Count() }

// Of builds the report of a snapshot that was made from the history's newest
// one, such as by adding processes that have ended.
func Of(snap *socket.Snapshot, h *track.History, findings []leak.Finding) *Report {
	accounts, total := accountsOf(snap)
	return &Report{
		Snapshot: snap,
		History:  h,
		Rules:    rules.All(),
		Findings: findings,
		Verdict:  verdictOf(snap, findings),
		Accounts: accounts,
		Total:    total,
		Tally:    tallyOf(snap, h, findings, &total),
	}
}
