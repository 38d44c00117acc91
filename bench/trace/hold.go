//go:build linux && amd64

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// held is how many sockets are open at a time, but for those that the limit does
// not allow.
const held = 65_000

// holding measures the memory of the maps, how many sockets come in a second, and
// whether each is noted.
func holding() error {
	runtime.LockOSThread() // Pdeathsig ends the child with the thread that started it
	cmd := exec.Command("/proc/self/exe", "open")
	in, err := cmd.StdinPipe()
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
	tracer, err := attachTo(cmd.Process.Pid)
	if err != nil {
		return err
	}
	defer tracer.Close()
	before, err := mapBytes()
	if err != nil {
		return err
	}
	fmt.Fprintln(in)
	var n, ns int
	if _, err := fmt.Fscan(out, &n, &ns); err != nil {
		return err
	}
	after, err := mapBytes()
	if err != nil {
		return err
	}
	snap, err := snapshot(cmd.Process.Pid)
	if err != nil {
		return err
	}
	tracer.Annotate(snap)
	fmt.Printf("maps: %.1f MiB, with %d open sockets %.1f MiB (32)\n", before, n, after)
	fmt.Printf("%.0f sockets a second (20000); lost: %v\n", float64(n)/time.Duration(ns).Seconds(), snap.Gaps)
	return nil
}

// parts is in how many processes the sockets are opened: the limit of descriptors
// is one process's.
const parts = 4

// open opens sockets once a line comes, in processes that are its children.
func open() error {
	runtime.LockOSThread()
	bufio.NewReader(os.Stdin).ReadString('\n')
	began := time.Now()
	sum := 0
	for range parts {
		cmd := exec.Command("/proc/self/exe", "part")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		var n int
		if _, err := fmt.Fscan(out, &n); err != nil {
			return err
		}
		sum += n
	}
	fmt.Println(sum, time.Since(began).Nanoseconds())
	time.Sleep(time.Hour)
	return nil
}

// openPart opens as many as it may, and keeps them.
func openPart() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	n := 0
	for ; n < held/parts; n++ {
		if _, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0); err != nil {
			break
		}
	}
	fmt.Println(n)
	time.Sleep(time.Hour)
	return nil
}

// mapBytes sums what the maps of this process take, in MiB.
func mapBytes() (mib float64, err error) {
	files, err := filepath.Glob("/proc/self/fdinfo/*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(text, []byte("map_type:")) {
			continue // it is closed already, or no map
		}
		for line := range bytes.Lines(text) {
			if rest, ok := bytes.CutPrefix(line, []byte("memlock:")); ok {
				n, err := strconv.Atoi(string(bytes.TrimSpace(rest)))
				if err != nil {
					return 0, err
				}
				mib += float64(n) / (1 << 20)
			}
		}
	}
	return mib, err
}
