//go:build linux

package main

import (
	"slices"
	"strings"
	"time"
)

// size is how large the hosts are and how long is measured.
type size struct {
	Name         string
	Few          int // sockets of the small target
	CrowdProcs   int // processes of the crowded host
	CrowdSockets int // sockets of each
	CloseWait    int // sockets of the leaking process
	ManyProcs    int // processes of the host with many processes
	ManySockets  int // sockets of each
	ManyFiles    int // other descriptors of each
	Rounds       int
	Budget       time.Duration // of one tool at one workload, beyond its least runs
	Poll         time.Duration // how long to poll
	Only         string        // the workloads to run, such as W2,W4; all when empty
}

// runs reports whether one of the workloads is to run.
func (s size) runs(ids ...string) bool {
	return s.Only == "" || slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(s.Only, id) })
}

// sizeNamed returns the size with the given name.
func sizeNamed(name string) (size, bool) {
	switch name {
	case "small":
		return size{"small", 50, 10, 400, 1000, 50, 20, 80, 5, time.Second, time.Second, ""}, true
	case "full":
		return size{"full", 50, 50, 4000, 19900, 500, 40, 160, 15, 10 * time.Second, 10 * time.Second, ""}, true
	}
	return size{}, false
}
