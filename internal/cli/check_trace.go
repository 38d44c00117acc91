package cli

import (
	"fmt"
	"os"

	"github.com/sockleak/sockleak/internal/caller"
	tracerun "github.com/sockleak/sockleak/internal/opener/run"
	"github.com/sockleak/sockleak/internal/supervise"
	"github.com/sockleak/sockleak/internal/words"
)

// startTraced starts the command under a tracer. Where that is not possible the
// command starts without one, and the verdict is the same without lines.
func (j *checkJob) startTraced() (*supervise.Tree, error) {
	options := tracerun.Options{Root: "/proc", Now: j.env.Now, Prepare: caller.Limit}
	if j.ends != nil {
		options.Exit, options.Watch = j.ends.exit, j.ends.watch
	}
	tracer, err := tracerun.New(options)
	if err == nil {
		tree, startErr := j.start(j.args, func(path string, args []string, attr *os.ProcAttr) (supervise.Process, error) {
			p, startErr := tracer.Start(path, args, attr)
			err = startErr
			return p, startErr
		})
		if startErr == nil {
			j.lines.tracer = tracer
			return tree, nil
		}
		_ = tracer.Close()
	}
	tree, startErr := j.start(j.args, j.starter())
	if startErr == nil { // else there is no such program, which says it all
		j.lines.missing = err.Error()
		fmt.Fprintf(j.env.Stderr, "sockleak: checking without --trace: %s\n", words.Clean(j.lines.missing))
	}
	return tree, startErr
}
