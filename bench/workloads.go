//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// firstCrowd numbers the holders of the crowd, away from the small target's.
const firstCrowd = 300

func quietHost(b *bench) error {
	if err := b.startPeer(); err != nil {
		return err
	}
	pid, err := b.hold(1, 1, "mixed", b.size.Few, 0)
	if err != nil {
		return err
	}
	settle()
	if err := b.measure("W1", fmt.Sprintf("%d sockets, quiet host", b.size.Few), b.one(pid), b.size.Few); err != nil {
		return err
	}
	return b.poll("quiet host", pid)
}

func manyHost(b *bench) error {
	n := b.size.ManyProcs
	if _, err := b.hold(firstCrowd, n, "pairs", b.size.ManySockets, b.size.ManyFiles); err != nil {
		return err
	}
	what := fmt.Sprintf("%d processes x %d descriptors, %d of them sockets", n, b.size.ManySockets+b.size.ManyFiles, b.size.ManySockets)
	return b.measure("W5", what, b.all(), n*b.size.ManySockets)
}

func crowdedHost(b *bench) error {
	if err := b.startPeer(); err != nil {
		return err
	}
	target, err := b.hold(1, 1, "mixed", b.size.Few, 0)
	if err != nil {
		return err
	}
	crowd := b.size.CrowdProcs * b.size.CrowdSockets
	if _, err := b.hold(firstCrowd, b.size.CrowdProcs, "pairs", b.size.CrowdSockets, 0); err != nil {
		return err
	}
	settle()
	if err := b.measure("W2", fmt.Sprintf("%d sockets on a host with %d others", b.size.Few, crowd), b.one(target), b.size.Few); err != nil {
		return err
	}
	if err := b.poll(fmt.Sprintf("host with %d others", crowd), target); err != nil {
		return err
	}
	if err := b.measure("W4", fmt.Sprintf("all %d sockets of %d processes", crowd, b.size.CrowdProcs), b.all(), crowd); err != nil {
		return err
	}
	leaker, err := b.hold(2, 1, "closewait", b.size.CloseWait, 0)
	if err != nil {
		return err
	}
	settle()
	return b.measure("W3", fmt.Sprintf("%d CLOSE_WAIT on that host", b.size.CloseWait), b.one(leaker), b.size.CloseWait)
}

// tool is one command line of the comparison.
type tool struct {
	name string
	argv []string
	user bool // run as the user whose processes are looked at
}

// one is the comparison for a single process.
func (b *bench) one(pid int) []tool {
	p := strconv.Itoa(pid)
	return b.tools([]string{"scan", p}, []string{"-nP", "-a", "-i", "-p", p}, []string{p})
}

// all is the comparison for every process of the host.
func (b *bench) all() []tool {
	return b.tools([]string{"scan", "--all"}, []string{"-nP", "-i"}, nil)
}

func (b *bench) tools(scan, lsof, driver []string) []tool {
	in := func(name string, args []string, more ...string) []string {
		return append(append([]string{filepath.Join(b.dir, name)}, args...), more...)
	}
	return []tool{
		{"sockleak", in("sockleak", scan), false},
		{"sockleak, sockdiag", in("sockleak", scan, "--source", "sockdiag"), false},
		{"sockleak, procfs", in("sockleak", scan, "--source", "procfs"), false},
		{"sockleak, unprivileged", in("sockleak", scan), true},
		{"ss -tanpie", []string{"ss", "-tanpie"}, false},
		{"lsof -i", append([]string{"lsof"}, lsof...), false},
		{"netstat -tanp", []string{"netstat", "-tanp"}, false},
		{"gopsutil", in("gopsutil", driver), false},
		{"gopsutil, unprivileged", in("gopsutil", driver), true},
		{"procfs library", in("procfs", driver), false},
	}
}

// missing reports whether a tool of the system is not installed. What it
// would have shown is left out of the results, in words.
func (t tool) missing() bool {
	if filepath.IsAbs(t.argv[0]) {
		return false
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, t.argv[0])); err == nil {
			return false
		}
	}
	return true
}
