package cli

import (
	"fmt"
	"os"

	"github.com/sockleak/sockleak/internal/caller"
	tracerun "github.com/sockleak/sockleak/internal/opener/run"
	"github.com/sockleak/sockleak/internal/supervise"
	"github.com/sockleak/sockleak/internal/words"
)

// newTracer makes the tracer of the command that is to be started. It does so before
// there is a supervisor, which takes what is started later for the command's.
func (j *checkJob) newTracer() {
	j.tracer, j.untraceable = tracerun.New(tracerun.Options{Root: "/proc", Now: j.env.Now, Prepare: caller.Limit})
}

// startTraced starts the command under the tracer. Where that is not possible the
// command starts without one, and the verdict is the same without lines.
func (j *checkJob) startTraced() (*supervise.Tree, error) {
	err := j.untraceable
	if err == nil {
		if j.ends != nil {
			j.tracer.Exit, j.tracer.Watch = j.ends.exit, j.ends.watch
		}
		tree, startErr := j.start(j.args, func(path string, args []string, attr *os.ProcAttr) (supervise.Process, error) {
			p, startErr := j.tracer.Start(path, args, attr)
			err = startErr
			return p, startErr
		})
		if startErr == nil {
			j.lines.tracer = j.tracer
			return tree, nil
		}
		_ = j.tracer.Close()
	}
	tree, startErr := j.start(j.args, j.starter())
	if startErr == nil { // else there is no such program, which says it all
		j.lines.missing = err.Error()
		fmt.Fprintf(j.env.Stderr, "sockleak: checking without --trace: %s\n", words.Clean(j.lines.missing))
	}
	return tree, startErr
}
