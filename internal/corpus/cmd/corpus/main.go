// Command corpus judges a leak detector by the programs of testdata/programs.
//
//	go run ./internal/corpus/cmd/corpus -run REGEX -- sockleak scan {pid} -o json
//
// It needs root. It exits 0 when every leaky program was flagged (exit code
// 3) with its cause, and no healthy one was.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/sockleak/sockleak/internal/corpus"
)

func main() { os.Exit(run()) }

func run() int {
	pattern := flag.String("run", "", "only the programs that match this regular expression")
	dir := flag.String("dir", "testdata/programs", "where the programs are")
	parallel := flag.Int("parallel", 3, "programs at a time")
	timeout := flag.Duration("timeout", 3*time.Minute, "for one program")
	list := flag.Bool("list", false, "list the programs and end")
	flag.Parse()
	cases, err := corpus.Cases(*dir, *pattern)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		return 2
	}
	if *list {
		for _, c := range cases {
			fmt.Printf("%-44s %-8s %v\n", c.Program, c.Label(), c.Kind.Rules)
		}
		return 0
	}
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "corpus: no command; try: corpus -- sockleak scan {pid} -o json")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	judge := func(c corpus.Case) corpus.Outcome {
		ctx, cancel := context.WithTimeout(ctx, *timeout)
		defer cancel()
		return corpus.Judge(ctx, *dir, c, flag.Args())
	}
	score := judgeAll(cases, *parallel, judge)
	score.Write(os.Stdout)
	if !score.Perfect() {
		return 1
	}
	return 0
}

// judgeAll judges so many cases at a time and writes each row as it comes.
func judgeAll(cases []corpus.Case, parallel int, judge func(corpus.Case) corpus.Outcome) corpus.Score {
	queue, outcomes := make(chan corpus.Case), make(chan corpus.Outcome)
	var workers sync.WaitGroup
	for range max(parallel, 1) {
		workers.Go(func() {
			for c := range queue {
				outcomes <- judge(c)
			}
		})
	}
	go func() {
		for _, c := range cases {
			queue <- c
		}
		close(queue)
		workers.Wait()
		close(outcomes)
	}()
	var score corpus.Score
	for o := range outcomes {
		corpus.WriteRow(os.Stdout, o)
		score.Count(o)
	}
	return score
}
