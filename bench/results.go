//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// results are what a run measured.
type results struct {
	Date      string     `json:"date"`
	Kernel    string     `json:"kernel"`
	CPUs      int        `json:"cpus"`
	Size      size       `json:"size"`
	Workloads []workload `json:"workloads"`
	Polls     []poll     `json:"polls"`
	Goals     []outcome  `json:"goals"`
}

type workload struct {
	ID   string `json:"id"`
	What string `json:"what"`
	Rows []row  `json:"rows"`
}

// row is what one tool needed, medians over its runs.
type row struct {
	Tool string  `json:"tool"`
	Runs int     `json:"runs"` // 0 when the tool is not installed
	Wall float64 `json:"wall_ms"`
	CPU  float64 `json:"cpu_ms"`
	RSS  int64   `json:"rss_kib"` // the highest of all runs
}

// poll is the cost of looking every 10 ms, in cores.
type poll struct {
	Where string  `json:"where"`
	Core  float64 `json:"core"`
	RSS   int64   `json:"rss_kib"`
}

func summarize(tool string, list []sample) row {
	r := row{Tool: tool, Runs: len(list)}
	if len(list) == 0 {
		return r
	}
	median := func(of func(sample) time.Duration) float64 {
		slices.SortFunc(list, func(a, b sample) int { return cmp.Compare(of(a), of(b)) })
		mid := (of(list[(len(list)-1)/2]) + of(list[len(list)/2])) / 2
		return float64(mid) / float64(time.Millisecond)
	}
	r.Wall = median(func(s sample) time.Duration { return s.wall })
	r.CPU = median(func(s sample) time.Duration { return s.cpu })
	for _, s := range list {
		r.RSS = max(r.RSS, s.rss)
	}
	return r
}

// find returns the row of a tool; one with no runs when there is none.
func (r *results) find(id, tool string) row {
	for _, w := range r.Workloads {
		for _, row := range w.Rows {
			if w.ID == id && row.Tool == tool {
				return row
			}
		}
	}
	return row{}
}

func (r *results) print(out io.Writer) {
	fmt.Fprintf(out, "%s, Linux %s, %d CPUs, size %s\n", r.Date, r.Kernel, r.CPUs, r.Size.Name)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, w := range r.Workloads {
		fmt.Fprintf(t, "\n%s: %s\n\truns\twall ms\tratio\tCPU ms\tRSS MiB\t\n", w.ID, w.What)
		for _, row := range w.Rows {
			if row.Runs == 0 {
				fmt.Fprintf(t, "%s\tnot installed\t\t\t\t\t\n", row.Tool)
				continue
			}
			fmt.Fprintf(t, "%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t\n", row.Tool, row.Runs, row.Wall,
				row.Wall/w.Rows[0].Wall, row.CPU, float64(row.RSS)/1024)
		}
	}
	t.Flush()
	fmt.Fprintln(out)
	for _, p := range r.Polls {
		fmt.Fprintf(out, "a look every 10 ms, %s: %.2f %% of a core\n", p.Where, 100*p.Core)
	}
	for _, o := range r.Goals {
		fmt.Fprintln(out, o)
	}
}
