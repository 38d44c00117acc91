//go:build linux

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// run is the bench itself, or one of the processes that it starts.
func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "host":
			return runHost(args[1:])
		case "hold":
			return runHold(args[1:])
		case "peer":
			return runPeer()
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	name := flags.String("size", "small", "small or full")
	only := flags.String("only", "", "run these `workloads` only, such as W2,W4")
	file := flags.String("json", "", "also write the results to this `file`")
	table := flags.Bool("markdown", false, "print the table of docs/performance.md")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size, ok := sizeNamed(*name)
	if !ok {
		return fmt.Errorf("unknown size %q: use small or full", *name)
	}
	size.Only = *only
	if os.Geteuid() != 0 {
		return fmt.Errorf("network namespaces and BPF need root: run as root")
	}
	if err := checkLimit(size); err != nil {
		return err
	}
	r, err := compare(size)
	if err != nil {
		return err
	}
	if *table {
		r.markdown(os.Stdout)
	} else {
		r.print(os.Stdout)
	}
	if *file != "" {
		return writeJSON(*file, r)
	}
	return nil
}

// compare builds the programs, then one host after the other, and measures.
func compare(size size) (*results, error) {
	dir, err := os.MkdirTemp("", "sockleak-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // another user runs the programs too
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "bench: building")
	if err := install(dir); err != nil {
		return nil, err
	}
	r := &results{Date: time.Now().UTC().Format(time.RFC3339), Kernel: kernel(), CPUs: runtime.NumCPU(), Size: size}
	for _, h := range hosts {
		if !size.runs(h.workloads...) {
			continue
		}
		part, err := h.start(dir, size)
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", h.name, err)
		}
		r.Workloads = append(r.Workloads, part.Workloads...)
		r.Polls = append(r.Polls, part.Polls...)
	}
	r.judge()
	return r, nil
}

// start runs the host's workloads in a network namespace of their own.
func (h host) start(dir string, size size) (*results, error) {
	spec, err := json.Marshal(size)
	if err != nil {
		return nil, err
	}
	runtime.LockOSThread() // Pdeathsig ends the child with the thread that started it
	defer runtime.UnlockOSThread()
	cmd := exec.Command(filepath.Join(dir, "bench"), "host", h.name, dir, string(spec))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: unix.SIGKILL}
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	part := &results{}
	return part, json.Unmarshal(out, part)
}

func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}

func writeJSON(file string, r *results) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}
