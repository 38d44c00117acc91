package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// exitFlagged is the exit code of a command that found a leak.
const exitFlagged = 3

// Outcome is what a command said of one program.
type Outcome struct {
	Case    Case
	Exit    int
	Verdict string   // as in the command's JSON; "" when it wrote none
	Rules   []string // "rule:level" of each finding, in order
	Err     error    // the program did not play, or the command did not run
}

// Judge starts the case and runs the command on it, within the namespace of
// the program. In its arguments {pid} stands for the program's pid. It reads
// "verdict" and "findings" from the command's standard output if that is JSON.
func Judge(ctx context.Context, dir string, c Case, command []string) Outcome {
	out := Outcome{Case: c}
	play, err := Start(ctx, dir, c)
	if err != nil {
		out.Err = err
		return out
	}
	defer play.Stop()
	pid := strconv.Itoa(play.PID)
	args := []string{"--net=/proc/" + pid + "/ns/net", "--"}
	for _, a := range command {
		args = append(args, strings.ReplaceAll(a, "{pid}", pid))
	}
	stdout, err := exec.CommandContext(ctx, "nsenter", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		out.Exit = exit.ExitCode()
	} else {
		out.Err = err
	}
	out.read(stdout)
	return out
}

func (o *Outcome) read(report []byte) {
	var doc struct {
		Verdict  string
		Findings []struct{ Rule, Level string }
	}
	if json.Unmarshal(report, &doc) != nil {
		return
	}
	o.Verdict = doc.Verdict
	for _, f := range doc.Findings {
		if name := f.Rule + ":" + f.Level; !slices.Contains(o.Rules, name) {
			o.Rules = append(o.Rules, name)
		}
	}
}

// Flagged reports whether the command called the program leaky.
func (o *Outcome) Flagged() bool { return o.Exit == exitFlagged }

// Named reports whether a true cause is among the findings: of level leak
// for a leaky program, of any level for one that is only noted.
func (o *Outcome) Named() bool {
	return slices.ContainsFunc(o.Rules, func(name string) bool {
		rule, level, _ := strings.Cut(name, ":")
		return slices.Contains(o.Case.Kind.Rules, rule) && (level == "leak" || o.Case.Label() != Leaky)
	})
}

// OK reports whether the outcome is what the label asks for.
func (o *Outcome) OK() bool {
	if o.Err != nil || o.Exit != 0 && o.Exit != exitFlagged {
		return false
	}
	switch o.Case.Label() {
	case Leaky:
		return o.Flagged() && o.Named()
	case Noted:
		return o.Named()
	case Suspected:
		return !o.Flagged() && o.Named()
	}
	return !o.Flagged() && !o.Suspected()
}

// Suspected reports whether the command suspects something of the program.
func (o *Outcome) Suspected() bool {
	return slices.ContainsFunc(o.Rules, func(name string) bool { return strings.HasSuffix(name, ":suspect") })
}
