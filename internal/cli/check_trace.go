package cli

import (
	"fmt"
	"os"

	"github.com/sockleak/sockleak/internal/caller"
	tracerun "github.com/sockleak/sockleak/internal/opener/run"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
	"github.com/sockleak/sockleak/internal/words"
)

// lines is how the lines that open the sockets of the command are found.
type lines struct {
	tracer  *tracerun.Tracer // nil without --trace, and where it cannot be done
	missing string           // why it cannot be done
}

// startTraced starts the command under a tracer. Where that is not possible the
// command starts without one, and the verdict is the same without lines.
func (j *checkJob) startTraced() (*supervise.Tree, error) {
	options := tracerun.Options{Root: "/proc", Now: j.env.Now, Prepare: caller.Limit}
	if j.ends != nil {
		options.Exit = j.ends.exit
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

// close ends the trace.
func (l *lines) close() {
	if l.tracer != nil {
		_ = l.tracer.Close() // what it has written is in the temporary folder
	}
}

// annotate tells of each socket of a snapshot who has opened it.
func (l *lines) annotate(s *socket.Snapshot) {
	switch {
	case l.tracer != nil:
		l.tracer.Annotate(s)
	case l.missing != "":
		s.Gaps = append(s.Gaps, socket.Gap{Where: "the lines that opened the sockets", Why: l.missing, Count: 1})
	}
}
