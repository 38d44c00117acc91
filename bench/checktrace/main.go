//go:build linux

// Command checktrace measures what `sockleak check --trace -- COMMAND` costs for
// each call that makes a socket and is closed again, and for each other call: the
// processor time of everything together, sockleak's own included, beside the same
// command alone and under check without --trace. All of it runs as an ordinary
// user.
//
//	go run ./bench/checktrace [-n 20000] [-rounds 7]     as root, in the root of the repository
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	n := flag.Int("n", 20000, "sockets of a run; ten times as many other calls")
	rounds := flag.Int("rounds", 7, "runs of each")
	flag.Parse()
	if err := run(*n, *rounds); err != nil {
		fmt.Fprintf(os.Stderr, "checktrace: %v\n", err)
		os.Exit(1)
	}
}

// testdata are the programs: N sockets, or "other" N other calls.
const testdata = "internal/opener/run/testdata/"

// nobody is the user that everything runs as.
const nobody = 65534

func run(n, rounds int) error {
	dir, err := os.MkdirTemp("", "checktrace-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // another user runs the programs
		return err
	}
	sockleak := filepath.Join(dir, "sockleak")
	programs := map[string][]string{"C": {dir + "/many"}, "Go": {dir + "/manygo"}, "Python": {"/usr/bin/python3", dir + "/many.py"}}
	for _, build := range [][]string{
		{"go", "build", "-o", sockleak, "./cmd/sockleak"},
		{"go", "build", "-o", dir + "/manygo", "./" + testdata + "manygo"},
		{"gcc", "-O2", "-g", "-o", dir + "/many", testdata + "many.c"},
		{"cp", testdata + "many.py", dir},
	} {
		if out, err := exec.Command(build[0], build[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(build, " "), err, out)
		}
	}
	wrappers := [][]string{nil, {sockleak, "check", "--settle", "0s", "--"}, {sockleak, "check", "--settle", "0s", "--trace", "--"}}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "microseconds of processor time: the least, the median\talone\tcheck\tcheck --trace\tadded by --trace")
	for _, language := range []string{"C", "Go", "Python"} {
		for _, kind := range []string{"a socket, and its close", "another call"} {
			args, calls := programs[language], n
			if kind != "a socket, and its close" {
				args, calls = slices.Concat(args, []string{"other"}), 10*n
			}
			costs, err := compare(wrappers, args, calls, rounds)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s: %s\t%s\t%s\t%s\t%.2f\n", language, kind, costs[0], costs[1], costs[2], costs[2].least-costs[1].least)
		}
	}
	return w.Flush()
}

// cost is what a call took, in microseconds, in the least disturbed run and in the
// one in the middle.
type cost struct{ least, median float64 }

func (c cost) String() string { return fmt.Sprintf("%.2f, %.2f", c.least, c.median) }

// compare runs the command under each wrapper in turn, round by round, with calls
// and without: the difference is that of the calls.
func compare(wrappers [][]string, args []string, calls, rounds int) ([]cost, error) {
	spent := make([][]float64, len(wrappers))
	for range rounds {
		for i, wrapper := range wrappers {
			command := slices.Concat(wrapper, args)
			with, err := processorTime(append(command, strconv.Itoa(calls)))
			if err != nil {
				return nil, err
			}
			without, err := processorTime(append(command, "0"))
			if err != nil {
				return nil, err
			}
			spent[i] = append(spent[i], float64(with-without)/float64(calls)/float64(time.Microsecond))
		}
	}
	costs := make([]cost, len(wrappers))
	for i, list := range spent {
		slices.SortFunc(list, cmp.Compare)
		costs[i] = cost{list[0], list[len(list)/2]}
	}
	return costs, nil
}

// processorTime runs a command to its end, and returns the user and system time
// of it and all that it has waited for.
func processorTime(command []string) (time.Duration, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
