//go:build linux

package main

import "fmt"

// goal is a ratio to reach: how many times more another tool needs.
type goal struct {
	id, ours, other string
	want            float64
	memory          bool // of memory instead of time
}

var goals = [...]goal{
	{"W1", "sockleak", "ss -tanpie", 1 / 1.4, false},
	{"W2", "sockleak", "lsof -i", 60, false},
	{"W2", "sockleak", "ss -tanpie", 2500, false},
	{"W4", "sockleak", "lsof -i", 15, false},
	{"W4", "sockleak", "lsof -i", 1, true},
	{"W1", "sockleak, unprivileged", "gopsutil, unprivileged", 2, false},
	{"W2", "sockleak, unprivileged", "gopsutil, unprivileged", 2, false},
	{"W3", "sockleak, unprivileged", "gopsutil, unprivileged", 2, false},
	{"W4", "sockleak, unprivileged", "gopsutil, unprivileged", 2, false},
	{"W5", "sockleak, unprivileged", "gopsutil, unprivileged", 2, false},
}

// outcome is a goal with what was measured. The ratios are meant for the full
// size: a small host hides what sets the tools apart.
type outcome struct {
	What string  `json:"what"`
	Want float64 `json:"want"`
	Got  float64 `json:"got"`
}

func (o outcome) String() string {
	verdict := "met"
	if o.Got < o.Want {
		verdict = "missed"
	}
	return fmt.Sprintf("%s: %.1f, at least %.3g wanted: %s", o.What, o.Got, o.Want, verdict)
}

func (r *results) judge() {
	for _, g := range goals {
		ours, other := r.find(g.id, g.ours), r.find(g.id, g.other)
		if ours.Runs == 0 || other.Runs == 0 {
			continue
		}
		o := outcome{What: fmt.Sprintf("%s, %s: time of %s", g.id, g.ours, g.other), Want: g.want, Got: other.Wall / ours.Wall}
		if g.memory {
			o.What = fmt.Sprintf("%s, %s: memory of %s", g.id, g.ours, g.other)
			o.Got = float64(other.RSS) / float64(ours.RSS)
		}
		r.Goals = append(r.Goals, o)
	}
}
