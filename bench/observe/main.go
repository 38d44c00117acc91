//go:build linux

// Command observe measures what being looked at costs a program: the time that
// an epoll server with many connections takes to echo a few bytes, alone and
// while a tool looks at it without a pause.
//
//	go run ./bench/observe                      12,000 connections, 10 s for each tool
//	go run ./bench/observe -connections 1000 -for 3s
//
// It needs root, for the tools to see what they look for, and a limit of open
// files above the number of connections. Tools that are not there are left out.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	connections := flag.Int("connections", 12000, "`number` of connections that the server watches")
	each := flag.Duration("for", 10*time.Second, "`time` to look with each tool")
	serve := flag.Bool("serve", false, "be the server")
	flag.Parse()
	err := error(nil)
	if *serve {
		err = server()
	} else {
		err = measure(*connections, *each)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "observe:", err)
		os.Exit(1)
	}
}

// observer is a tool that looks at the server, again and again.
type observer struct {
	name string
	args func(pid, port string) []string
}

func observers(sockleak string) []observer {
	return []observer{
		{"nobody", nil},
		{"sockleak scan", func(pid, _ string) []string { return []string{sockleak, "scan", pid, "-o", "json=/dev/null"} }},
		{"sockleak --source sockdiag", func(pid, _ string) []string {
			return []string{sockleak, "scan", pid, "--source", "sockdiag", "-o", "json=/dev/null"}
		}},
		{"sockleak --source procfs", func(pid, _ string) []string {
			return []string{sockleak, "scan", pid, "--source", "procfs", "-o", "json=/dev/null"}
		}},
		{"ss -tnpi", func(_, port string) []string { return []string{"ss", "-tnpi", "sport", "=", ":" + port} }},
		{"lsof -nP -p", func(pid, _ string) []string { return []string{"lsof", "-nP", "-p", pid} }},
	}
}

func measure(connections int, each time.Duration) error {
	dir, err := os.MkdirTemp("", "sockleak-observe-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sockleak := filepath.Join(dir, "sockleak")
	if out, err := exec.Command("go", "build", "-o", sockleak, "./cmd/sockleak").CombinedOutput(); err != nil {
		return fmt.Errorf("build sockleak: %w: %s", err, out)
	}
	runtime.LockOSThread() // Pdeathsig ends the server with the thread that started it
	pid, addr, err := startServer()
	if err != nil {
		return err
	}
	conns := make([]net.Conn, connections)
	for i := range conns {
		if conns[i], err = net.Dial("tcp4", addr); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	_, port, _ := strings.Cut(addr, ":")
	fmt.Printf("%d connections, %s for each, %d processors; echo of 16 bytes in us\n", connections, each, runtime.NumCPU())
	fmt.Printf("%-28s %7s %8s %8s %8s %8s %8s\n", "looked at by", "looks", "echos", "p50", "p99", "p99.9", "max")
	for _, o := range observers(sockleak) {
		if err := round(o, pid, port, conns, each); err != nil {
			return err
		}
	}
	return nil
}

// pause is between two echos, so that the processors are the tool's as well.
const pause = 500 * time.Microsecond

// round echoes over the connections in turn while the tool looks.
func round(o observer, pid, port string, conns []net.Conn, each time.Duration) error {
	quit, looks := make(chan struct{}), make(chan int)
	if o.args != nil {
		args := o.args(pid, port)
		if _, err := exec.LookPath(args[0]); err != nil {
			return nil
		}
		go look(args, quit, looks)
	} else {
		go func() { <-quit; looks <- 0 }()
	}
	var times []time.Duration
	text, back := []byte("sixteen bytes...")[:16], make([]byte, 16)
	for begin := time.Now(); time.Since(begin) < each; {
		c := conns[len(times)%len(conns)]
		sent := time.Now()
		if _, err := c.Write(text); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, back); err != nil {
			return err
		}
		times = append(times, time.Since(sent))
		time.Sleep(pause)
	}
	close(quit)
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1))].Nanoseconds()) / 1000
	}
	fmt.Printf("%-28s %7d %8d %8.0f %8.0f %8.0f %8.0f\n", o.name, <-looks, len(times), at(0.5), at(0.99), at(0.999), at(1))
	return nil
}

func look(args []string, quit <-chan struct{}, looks chan<- int) {
	for n := 0; ; n++ {
		select {
		case <-quit:
			looks <- n
			return
		default:
			_ = exec.Command(args[0], args[1:]...).Run() // a verdict is an exit code as well
		}
	}
}

func startServer() (pid, addr string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", "", err
	}
	cmd := exec.Command(self, "-serve")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", "", err
	}
	if err := cmd.Start(); err != nil {
		return "", "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strconv.Itoa(cmd.Process.Pid), strings.TrimSpace(line), err
}
