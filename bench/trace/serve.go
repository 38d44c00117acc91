//go:build linux && amd64

package main

import (
	_ "embed"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed server/main.c
var serverC []byte

// build is a server and how it is compiled.
type build struct {
	name  string
	flags []string // of gcc; nil is this program
	goal  float64  // us
}

func builds() []build {
	return []build{
		{"Go", nil, 5},
		{"C, frame pointers", []string{"-fno-omit-frame-pointer"}, 2},
		{"C, without frame pointers", []string{"-fomit-frame-pointer"}, 6},
	}
}

const (
	rounds = 15
	each   = 1500 // connections in a round
)

// connections measures the processor time of a server for each connection,
// alternately with and without a trace.
func connections(b build) error {
	dir, err := os.MkdirTemp("", "trace")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd, err := b.command(dir)
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	var port int
	if _, err := fmt.Fscan(out, &port); err != nil {
		return err
	}
	var without, with []float64
	for range rounds {
		a, err := round(cmd.Process.Pid, port)
		if err != nil {
			return err
		}
		tracer, err := attachTo(cmd.Process.Pid)
		if err != nil {
			return err
		}
		if _, err := round(cmd.Process.Pid, port); err != nil { // its stacks are named
			return err
		}
		c, err := round(cmd.Process.Pid, port)
		if err != nil {
			return err
		}
		tracer.Close()
		without, with = append(without, a), append(with, c)
	}
	off, on := slices.Min(without), slices.Min(with) // what else runs only adds to it
	fmt.Printf("%s: %.1f us a connection, traced %.1f us: %.1f us more (%.0f)\n", b.name, off, on, on-off, b.goal)
	return nil
}

func (b *build) command(dir string) (*exec.Cmd, error) {
	if b.flags == nil {
		return exec.Command("/proc/self/exe", "serve"), nil
	}
	source, exe := filepath.Join(dir, "server.c"), filepath.Join(dir, "server")
	if err := os.WriteFile(source, serverC, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command("gcc", append(b.flags, "-O2", "-o", exe, source)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("gcc: %w: %s", err, out)
	}
	return exec.Command(exe), nil
}

// round returns the microseconds of processor time that the server takes for a
// connection.
func round(pid, port int) (float64, error) {
	before, err := used(pid)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 8)
	for range each {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return 0, err
		}
		if _, err = c.Write(buf); err == nil {
			_, err = io.ReadFull(c, buf)
		}
		c.Close()
		if err != nil {
			return 0, err
		}
	}
	after, err := used(pid)
	return float64((after - before).Microseconds()) / each, err
}

// used is the time that the threads of a process have run
// (/proc/PID/task/TID/schedstat, in ns).
func used(pid int) (sum time.Duration, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(ns)
	}
	return sum, err
}

// serve is the server in Go.
func serve() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		buf := make([]byte, 64)
		if n, err := c.Read(buf); err == nil {
			_, _ = c.Write(buf[:n])
		}
		c.Close()
	}
}
