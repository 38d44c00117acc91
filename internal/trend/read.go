package trend

import (
	"errors"
	"iter"
	"runtime"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/report"
)

// result is one report that was read, or why not.
type result struct {
	doc *report.Document
	err error
}

// summaries reads the reports on all cores and gives them in order. Worker k
// of n reads every n-th report from the k-th on, and waits for it to be
// taken: at most two reports of each are in memory.
func summaries(d *archive.Dir, names []archive.Name) iter.Seq2[int, result] {
	return func(yield func(int, result) bool) {
		workers := make([]chan result, runtime.GOMAXPROCS(0))
		quit := make(chan struct{})
		defer close(quit)
		for k := range workers {
			workers[k] = make(chan result)
			go func() {
				for i := k; i < len(names); i += len(workers) {
					doc, err := d.Summary(names[i])
					select {
					case workers[k] <- result{doc, err}:
					case <-quit:
						return
					}
				}
			}()
		}
		for i := range names {
			if !yield(i, <-workers[i%len(workers)]) {
				return
			}
		}
	}
}

func problemOf(err error) archive.Problem {
	var bad *archive.ReportError
	if errors.As(err, &bad) {
		return bad.Problem
	}
	return archive.Unreadable
}
