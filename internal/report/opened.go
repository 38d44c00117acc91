package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// DocumentOpening is a place in the code at which sockets of a finding were
// opened, as a tracer saw it.
type DocumentOpening struct {
	Count     int             `json:"count"`                                                            // sockets of the finding that were opened there
	Call      string          `json:"call"`                                                             // the system call, such as socket or accept4
	PID       int             `json:"pid" jsonschema_extras:"x-opentelemetry=process.pid"`              // of the process that opened the newest-known of them
	Thread    string          `json:"thread,omitempty" jsonschema_extras:"x-opentelemetry=thread.name"` // name of its thread
	First     time.Time       `json:"first"`                                                            // when one of them was opened, RFC 3339 in UTC
	At        *DocumentFrame  `json:"at,omitempty"`                                                     // the innermost frame of the program's own code, else of a library; absent when not known
	Frames    []DocumentFrame `json:"frames,omitempty"`                                                 // the stack of one of them, the innermost function first
	StartedBy *DocumentFrame  `json:"started_by,omitempty"`                                             // the statement that started the goroutine
	Tests     []string        `json:"tests,omitempty"`                                                  // names of the tests that they were opened by, at most 20, as far as stacks show
	Doubt     string          `json:"doubt,omitempty"`                                                  // why the stack is missing or ends early
}

// mostOpenings bounds the places of a finding that are written.
const mostOpenings = 20

func documentOpenings(openings []leak.Opening) (list []DocumentOpening) {
	for _, o := range openings {
		if len(list) == mostOpenings {
			break
		}
		d := DocumentOpening{
			Count: o.Count, Call: words.Clean(o.Origin.Call), PID: o.Origin.Process.PID, Thread: words.Clean(o.Origin.Name),
			First: o.Origin.At.UTC(), Doubt: words.Clean(o.Origin.Doubt),
		}
		if o.Frame != nil {
			at := documentFrame(o.Frame)
			d.At = &at
		}
		for i := range o.Origin.Frames {
			d.Frames = append(d.Frames, documentFrame(&o.Origin.Frames[i]))
		}
		for _, test := range o.Tests[:min(len(o.Tests), mostOpenings)] {
			d.Tests = append(d.Tests, words.Clean(test))
		}
		if o.Origin.Start != nil {
			start := documentFrame(o.Origin.Start)
			d.StartedBy = &start
		}
		list = append(list, d)
	}
	return list
}

// openedLines say where the sockets of the finding were opened: each place with
// how many of them were; under -v with the stack of one.
func openedLines(f *leak.Finding, verbose bool) []string {
	const most = 3
	list := f.Openings()
	var lines []string
	for i := range list {
		if i == most && !verbose {
			lines = append(lines, "and "+words.Plural(len(list)-most, "place")+" more")
			break
		}
		lines = append(lines, openingLines(&list[i], len(f.Sockets), verbose)...)
	}
	return lines
}

// openedBeside returns where sockets, but for listeners, were opened that are
// still open and in no finding.
func openedBeside(r *Report) []leak.Opening {
	if !r.Traced {
		return nil
	}
	said := worstOf(r.Findings)
	var rest []*socket.Socket
	for _, s := range r.Snapshot.Sockets {
		if _, found := said[s]; !found && s.Origin != nil && s.State != socket.Listen && heldByTarget(r.Snapshot, s) {
			rest = append(rest, s)
		}
	}
	return leak.OpeningsOf(rest)
}

// besideLine says where the sockets without a finding were opened, or "".
func besideLine(r *Report) string {
	const most = 3
	var parts []string
	list := openedBeside(r)
	for i := range list[:min(len(list), most)] {
		o := &list[i]
		text := words.Plural(o.Count, "socket") + " by " + o.Origin.Call
		if o.Frame != nil {
			text = fmt.Sprintf("%d at %s", o.Count, frameWords(o.Frame))
		}
		parts = append(parts, text)
	}
	if len(list) > most {
		parts = append(parts, words.Plural(len(list)-most, "place")+" more")
	}
	if len(parts) == 0 {
		return ""
	}
	return "opened meanwhile, without a finding: " + words.Clean(strings.Join(parts, ", "))
}

// openedOrHow are openedLines; of a finding that a trace saw nothing of, what else
// names the line.
func openedOrHow(r *Report, f *leak.Finding, verbose bool) []string {
	lines := openedLines(f, verbose)
	p := r.Snapshot.Process(f.Process)
	if len(lines) > 0 || !r.Traced || p == nil {
		return lines
	}
	if text := recipe(p.Runtime); text != "" {
		lines = append(lines, "not known; "+text)
	}
	return lines
}

// testWords names the tests that a place was reached from, unless it is itself one.
func testWords(o *leak.Opening) string {
	switch {
	case len(o.Tests) == 0 || strings.HasSuffix(o.Frame.Function, "."+o.Tests[0]) || o.Frame.Function == o.Tests[0]:
		return ""
	case len(o.Tests) == 1:
		return ", by " + o.Tests[0]
	}
	return fmt.Sprintf(", by %s and %s", o.Tests[0], words.Plural(len(o.Tests)-1, "other test"))
}

func openingLines(o *leak.Opening, of int, verbose bool) []string {
	share := fmt.Sprintf(" (%d of %d)", o.Count, of)
	origin := o.Origin
	if o.Frame == nil {
		why := origin.Doubt
		if why == "" {
			why = "its stack was not read"
		}
		return []string{fmt.Sprintf("by %s in thread %q%s: %s", origin.Call, origin.Name, share, why)}
	}
	line := frameWords(o.Frame) + testWords(o) + share
	if !o.Frame.Own {
		line += ", a library's code"
		if origin.Start != nil {
			line += "; started at " + frameWords(origin.Start)
		}
	}
	lines := []string{line}
	if verbose {
		for i := range origin.Frames {
			lines = append(lines, "  "+frameWords(&origin.Frames[i]))
		}
		if origin.Start != nil {
			lines = append(lines, "  started at "+frameWords(origin.Start))
		}
	}
	return lines
}

// recipe is what names the line without sockleak, or with it from the start.
func recipe(r socket.Runtime) string {
	switch r {
	case socket.Python:
		return "python3 -X tracemalloc=25 -W always::ResourceWarning names the line when an unclosed socket is collected"
	case socket.Node:
		return "sockleak check --trace -- node ... names the line; NODE_DEBUG=net prints each connection"
	case socket.Java:
		return "sockleak check --trace -- java ... names the line; jcmd PID JFR.start settings=profile records who reads"
	case socket.Go, socket.Native:
		return "strace -f -k -e trace=socket,accept,accept4 -p PID prints the stack of each"
	}
	return ""
}
