//go:build linux

// Command procfs lists connections the way a program does that relies on
// prometheus/procfs, for bench to compare with.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"

	"github.com/prometheus/procfs"
)

func main() {
	if err := list(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "procfs:", err)
		os.Exit(1)
	}
}

// list prints the TCP sockets of the pid, or of every process.
func list(args []string) error {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return err
	}
	procs, err := processes(fs, args)
	if err != nil {
		return err
	}
	owner := map[string]int{}
	for _, p := range procs {
		targets, err := p.FileDescriptorTargets()
		if err != nil {
			continue // ended, or of another user
		}
		for _, t := range targets {
			owner[t] = p.PID
		}
	}
	out := bufio.NewWriter(os.Stdout)
	//lint:ignore SA1019 what the library reads from /proc is what is compared
	for _, table := range []func() (procfs.NetTCP, error){fs.NetTCP, fs.NetTCP6} {
		lines, err := table()
		if err != nil {
			return err
		}
		for _, l := range lines {
			if pid, ok := owner["socket:["+strconv.FormatUint(l.Inode, 10)+"]"]; ok {
				fmt.Fprintln(out, pid, l.St, l.LocalAddr, l.LocalPort, l.RemAddr, l.RemPort)
			}
		}
	}
	return out.Flush()
}

func processes(fs procfs.FS, args []string) (procfs.Procs, error) {
	if len(args) == 0 {
		return fs.AllProcs()
	}
	pid, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, err
	}
	p, err := fs.Proc(pid)
	return procfs.Procs{p}, err
}
