package live

import (
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Sample is a report, with what the history and the recorder know beside it,
// taken out while nobody adds to them. It does not change.
type Sample struct {
	Report  *report.Report
	Verdict string // report.VerdictLine, without colour

	// Missing says why there was nothing to look at since At; "" when there was.
	Missing string
	At      time.Time // when Missing began

	Sockets   []Socket
	Findings  []Finding
	Processes []Process // the targets

	Charts []Chart
	Times  []time.Time // of the values of the charts
	Events []Event     // oldest first
	Fresh  int         // how many of the events came with this sample

	New, Gone int // sockets since the sample before

	// Passages are the states that sockets have been in: those that the recorder was
	// asked about, and those of findings, as far as they are not too many.
	Passages map[socket.ID][]Passage
}

// Socket is a socket of the snapshot with what the history knows of it.
type Socket struct {
	*socket.Socket
	Owner *socket.Process // the first holder that is a target, else the first; nil without one
	Age   track.Age
	Idle  time.Duration
	Level leak.Level // of the worst finding that it is in; 0 without one
	at    int        // index of the worst finding, when there is one
}

// Finding is a finding of the report with its history.
type Finding struct {
	*leak.Finding
	Headline string // what it is about, clean
	Series   []int  // how many sockets it had, sample by sample
	New      bool   // it came within the last ten seconds, and not with the first sample

	place   place
	sockets []int // indices into Sample.Sockets
}

// Process is a target with what is counted of it.
type Process struct {
	*socket.Process
	Command           string     // its command line, clean, without what may be secret
	Level             leak.Level // of the worst finding about it
	Sockets           int
	Leaked, Suspected int
	Series            []int   // its sockets, sample by sample
	FDSeries          []int   // its descriptors
	Load              float64 // share of one core; -1 when not known
}

// Chart is a number over time.
type Chart struct {
	Name   string
	Points []int
	Limit  int // that it may reach; 0 when there is none
}
