//go:build linux && amd64

// Command trace measures what sockleak trace costs: the processor time of a server
// for each connection, the time to load and attach, and the memory of the maps.
//
//	go run ./bench/trace     as root, on an idle machine, with 16,300 descriptors
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/opener/attach"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

func main() {
	err := errors.New("usage: trace")
	switch {
	case len(os.Args) == 1:
		err = measure()
	case os.Args[1] == "serve":
		err = serve()
	case os.Args[1] == "open":
		err = open()
	case os.Args[1] == "part":
		err = openPart()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "trace:", err)
		os.Exit(1)
	}
}

func measure() error {
	if err := loading(); err != nil {
		return err
	}
	for _, build := range builds() {
		if err := connections(build); err != nil {
			return err
		}
	}
	return holding()
}

// loading measures how long it takes to load and attach.
func loading() error {
	var times []time.Duration
	for range 5 {
		began := time.Now()
		tracer, err := attach.New("/proc")
		if err != nil {
			return err
		}
		times = append(times, time.Since(began))
		tracer.Close()
	}
	slices.Sort(times)
	fmt.Printf("load and attach: %.0f ms (150)\n", times[len(times)/2].Seconds()*1e3)
	return nil
}

// snapshot is one of a process that is a target.
func snapshot(pid int) (*socket.Snapshot, error) {
	fs, err := proc.New("/proc")
	if err != nil {
		return nil, err
	}
	p, err := fs.Process(pid)
	if err != nil {
		return nil, err
	}
	p.Target = true
	return &socket.Snapshot{Taken: time.Now(), Processes: []socket.Process{p}}, nil
}

// attachTo traces a process.
func attachTo(pid int) (opener.Tracer, error) {
	snap, err := snapshot(pid)
	if err != nil {
		return nil, err
	}
	tracer, err := attach.New("/proc")
	if err != nil {
		return nil, err
	}
	tracer.Annotate(snap)
	for _, g := range snap.Gaps {
		return nil, errors.Join(fmt.Errorf("%s: %s", g.Where, g.Why), tracer.Close())
	}
	return tracer, nil
}
