//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sample is what one run of a tool cost.
type sample struct {
	wall, cpu time.Duration // from start to exit; user and system time
	rss       int64         // highest resident set, KiB
}

// leastRuns is how often each tool is run, however long it takes: one run of ss
// takes 12 to 25 s on the same host, as its memory lies.
const leastRuns = 3

// measure runs every tool in turn, round by round, so that what disturbs the
// machine disturbs all of them.
func (b *bench) measure(id, what string, tools []tool, sockets int) error {
	if !b.size.runs(id) {
		return nil
	}
	w := workload{ID: id, What: what}
	if err := b.verify(tools[0], sockets); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	fmt.Fprintf(os.Stderr, "bench: %s %s\n", id, what)
	samples := make([][]sample, len(tools))
	spent := make([]time.Duration, len(tools))
	for round := range b.size.Rounds {
		for i, t := range tools {
			if t.missing() || round >= leastRuns && spent[i] > b.size.Budget {
				continue
			}
			s, err := t.run()
			if err != nil {
				return fmt.Errorf("%s: %s: %w", id, t.name, err)
			}
			samples[i] = append(samples[i], s)
			spent[i] += s.wall
		}
	}
	for i, t := range tools {
		w.Rows = append(w.Rows, summarize(t.name, samples[i]))
	}
	b.out.Workloads = append(b.out.Workloads, w)
	return nil
}

// run runs the tool once. Whatever it says goes nowhere; a tool that finds
// something may exit with any code, one that a signal ends fails.
func (t tool) run() (sample, error) {
	cmd := t.command()
	begin := time.Now()
	err := cmd.Run()
	wall := time.Since(begin)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || !exit.Exited()) {
		return sample{}, err
	}
	state := cmd.ProcessState
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, errors.New("no resource usage")
	}
	return sample{wall, state.UserTime() + state.SystemTime(), usage.Maxrss}, nil
}

func (t tool) command() *exec.Cmd {
	cmd := exec.Command(t.argv[0], t.argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	if t.user {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

// verify makes sure that what is measured is a look at all sockets.
func (b *bench) verify(t tool, sockets int) error {
	t.argv = append(slices.Clone(t.argv), "-o", "json")
	out, err := t.command().Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	var doc struct {
		Processes []struct {
			Sockets int `json:"socket_descriptors"`
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(t.argv, " "), err)
	}
	seen := 0
	for _, p := range doc.Processes {
		seen += p.Sockets
	}
	if seen < sockets {
		return fmt.Errorf("sockleak saw %d of %d sockets", seen, sockets)
	}
	return nil
}

// poll measures what it costs to look every ten milliseconds.
func (b *bench) poll(where string, pid int) error {
	fmt.Fprintf(os.Stderr, "bench: polling, %s\n", where)
	args := append(b.one(pid)[0].argv, "--for", b.size.Poll.String(), "--every", "10ms")
	s, err := tool{name: "poll", argv: args}.run()
	if err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	b.out.Polls = append(b.out.Polls, poll{Where: where, Core: float64(s.cpu) / float64(s.wall), RSS: s.rss})
	return nil
}
