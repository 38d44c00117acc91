package cli

import (
	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/track"
)

// sessionFlags are the flags of every command that samples sockets.
type sessionFlags struct {
	target targetFlags
	source sourceFlags
	narrow narrowFlags
	output outputFlags
	judge  judgeFlags
}

// add adds all of them.
func (f *sessionFlags) add(cmd *cobra.Command) {
	f.addInput(cmd)
	f.judge.add(cmd)
	f.output.add(cmd)
}

// addInput adds those that say what is looked at, and how it is judged.
func (f *sessionFlags) addInput(cmd *cobra.Command) {
	f.target.add(cmd)
	f.source.add(cmd)
	f.narrow.add(cmd)
	f.judge.failOn = "never" // where there is no flag for it
	cmd.ValidArgsFunction = completeWith(runningPIDs)
}

// session is one run of a command that samples sockets: what it looks at, how
// it judges, and where the report goes. scan, watch, check, record and serve
// all begin with one, so that they cannot differ in it.
type session struct {
	flags     *sessionFlags
	env       Env
	command   string // the subcommand, such as scan
	targets   scan.Target
	scanner   *scan.Scanner
	judgement judgement
	outputs   []output
	failOn    leak.Level // 0 means never
	lines     lines
}

// open checks everything that can be wrong before anything is looked at, and
// opens what the run needs. args are the pids.
func (f *sessionFlags) open(env Env, command string, args []string, expect func(int)) (*session, error) {
	s := &session{flags: f, env: env, command: command}
	var err error
	if s.targets, err = f.target.target(args); err != nil {
		return nil, err
	}
	if s.failOn, err = f.judge.level(); err != nil {
		return nil, err
	}
	if s.judgement, err = f.narrow.judgement(); err != nil {
		return nil, err
	}
	s.judgement.fullCommand = f.output.fullCommand
	if s.outputs, err = f.output.open(); err != nil {
		return nil, err
	}
	s.scanner, err = scan.New(scan.Options{
		Source: f.source.name, DuplicateDescriptors: f.source.duplicate, NoStacks: f.source.noStacks,
		Now: env.Now, Expect: expect,
	})
	if err != nil {
		return nil, usage("%w", err)
	}
	return s, nil
}

func (s *session) close() {
	s.lines.close()
	s.scanner.Close()
}

// report builds the report of what was found in the history.
func (s *session) report(h *track.History, found []leak.Finding) *report.Report {
	r := s.judgement.report(h, found, s.command)
	r.Target, r.Traced = targetText(&s.targets), s.lines.asked()
	return r
}

// finish writes the report and returns the verdict: as an error, where its
// exit code is not 0.
func (s *session) finish(r *report.Report) error {
	if err := s.write(r); err != nil {
		return err
	}
	return s.verdict(r)
}

func (s *session) write(r *report.Report) error {
	return s.flags.output.write(s.env, s.outputs, r, s.failOn)
}

func (s *session) verdict(r *report.Report) error {
	if code := verdictCode(r, s.failOn, s.flags.judge.allowPartial); code != exitClean {
		return &codeError{code: code}
	}
	return nil
}
