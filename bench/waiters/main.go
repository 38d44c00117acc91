//go:build linux

// Command waiters measures what it costs to say at which line a program waits
// for its sockets: what that adds to a scan, and what the program notices.
//
//	go run ./bench/waiters                    every runtime that is installed, three minutes
//	go run ./bench/waiters -only go,python
//
// It needs root, for sockleak to see as much as it can, and a limit of open
// files above 10,100. The servers have a thread or goroutine for each
// connection, which waits for the next line and sends it back.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "these `runtimes` only, such as go,python")
	rounds := flag.Int("rounds", 15, "`number` of scans of each kind")
	each := flag.Duration("for", 5*time.Second, "`time` of echos for each kind of scan")
	serve := flag.Bool("serve", false, "be the server in Go")
	flag.Parse()
	err := error(nil)
	if *serve {
		err = server()
	} else {
		err = measure(*only, *rounds, *each)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "waiters:", err)
		os.Exit(1)
	}
}

func measure(only string, rounds int, each time.Duration) error {
	dir, err := os.MkdirTemp("", "sockleak-waiters-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sockleak := filepath.Join(dir, "sockleak")
	if out, err := exec.Command("go", "build", "-o", sockleak, "./cmd/sockleak").CombinedOutput(); err != nil {
		return fmt.Errorf("build sockleak: %w: %s", err, out)
	}
	fmt.Printf("%d processors; scans: CPU / wall time in ms, medians of %d; echos: us\n", runtime.NumCPU(), rounds)
	fmt.Printf("%-8s %7s %-12s %12s %6s %6s %8s %8s %8s %8s\n", "runtime", "sockets", "scan", "CPU / wall", "lines", "looks", "p50", "p99", "p99.9", "max")
	runtime.LockOSThread() // Pdeathsig ends the servers with the thread that started them
	for _, t := range targets() {
		if only != "" && !slices.Contains(strings.Split(only, ","), t.name) {
			continue
		}
		if err := t.measure(dir, sockleak, rounds, each); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// look is a way to look at the server; empty for nobody.
type look struct {
	name string
	args []string
}

func (t target) measure(dir, sockleak string, rounds int, each time.Duration) error {
	cmd, err := t.command(dir)
	if err != nil {
		fmt.Printf("%-8s %v\n", t.name, err)
		return nil
	}
	pid, addr, err := start(cmd)
	if err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	conns := make([]net.Conn, t.connections)
	for i := range conns {
		if conns[i], err = net.Dial("tcp4", addr); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		defer conns[i].Close()
	}
	if _, err := echoes(conns, len(conns), 0); err != nil { // all of them wait in their loops from now on
		return err
	}
	scan := []string{sockleak, "scan", strconv.Itoa(pid), "-o", "json=/dev/null"}
	looks := []look{{"nobody", nil}, {"--no-stacks", append(slices.Clone(scan), "--no-stacks")}, {"with lines", scan}}
	costs := make([][]cost, len(looks))
	for range rounds { // in turns, so that what disturbs the machine disturbs both
		for i, l := range looks[1:] {
			c, err := run(l.args)
			if err != nil {
				return err
			}
			costs[1+i] = append(costs[1+i], c)
		}
	}
	for i, l := range looks {
		named := 0
		if i > 0 {
			if named, err = lines(l.args); err != nil {
				return err
			}
		}
		e, n, err := watched(l, conns, each)
		if err != nil {
			return err
		}
		fmt.Printf("%-8s %7d %-12s %12s %6d %6d %s\n", t.name, len(conns), l.name, median(costs[i]), named, n, e)
	}
	return nil
}
