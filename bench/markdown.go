//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// markdown writes the table of docs/performance.md: a row for each tool, a column
// for each workload, wall time / CPU time in milliseconds, and the highest memory.
func (r *results) markdown(out io.Writer) {
	list := slices.SortedFunc(slices.Values(r.Workloads), func(a, b workload) int { return cmp.Compare(a.ID, b.ID) })
	if len(list) == 0 {
		return
	}
	fmt.Fprint(out, "| |")
	for _, w := range list {
		fmt.Fprintf(out, " %s: %s |", w.ID, w.What)
	}
	fmt.Fprintf(out, "\n|%s\n", strings.Repeat("---|", len(list)+1))
	for i, of := range list[0].Rows {
		fmt.Fprintf(out, "| %s |", of.Tool)
		for _, w := range list {
			if row := w.Rows[i]; row.Runs > 0 {
				fmt.Fprintf(out, " %s / %s, %d MiB |", rounded(row.Wall), rounded(row.CPU), row.RSS>>10)
			} else {
				fmt.Fprint(out, "  |")
			}
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out)
	for _, o := range r.Goals {
		fmt.Fprintf(out, "- %s\n", o)
	}
}

// rounded returns milliseconds with as many digits as mean something.
func rounded(ms float64) string {
	if ms < 100 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}
