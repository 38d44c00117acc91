//go:build linux

package main

import (
	"bufio"
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

//go:embed servers
var sources embed.FS

// target is a server in one runtime.
type target struct {
	name        string
	connections int
	command     func(dir string) (*exec.Cmd, error)
}

// targets are the servers. Go has 10,000 goroutines; of threads nobody has so many.
func targets() []target {
	return []target{
		{"go", 10_000, func(string) (*exec.Cmd, error) {
			self, err := os.Executable()
			return exec.Command(self, "-serve"), err
		}},
		{"python", 200, func(dir string) (*exec.Cmd, error) { return interpreted(dir, "python3", "echo.py") }},
		{"c", 1000, compiled},
		{"jvm", 200, func(dir string) (*exec.Cmd, error) { return interpreted(dir, "java", "Echo.java") }},
		{"node", 1000, func(dir string) (*exec.Cmd, error) { return interpreted(dir, "node", "echo.js") }},
	}
}

// write writes a source into the directory.
func write(dir, name string) (path string, err error) {
	text, err := sources.ReadFile("servers/" + name)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, name)
	return path, os.WriteFile(path, text, 0o644)
}

func interpreted(dir, program, name string) (*exec.Cmd, error) {
	if _, err := exec.LookPath(program); err != nil {
		return nil, err
	}
	path, err := write(dir, name)
	return exec.Command(program, path), err
}

func compiled(dir string) (*exec.Cmd, error) {
	path, err := write(dir, "echo.c")
	if err != nil {
		return nil, err
	}
	exe := strings.TrimSuffix(path, ".c")
	if out, err := exec.Command("cc", "-O2", "-g", "-pthread", "-o", exe, path).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cc: %w: %s", err, out)
	}
	return exec.Command(exe), nil
}

// start starts a server, which prints its port.
func start(cmd *exec.Cmd) (pid int, addr string, err error) {
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, "", err
	}
	if err := cmd.Start(); err != nil {
		return 0, "", err
	}
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, "", fmt.Errorf("the server did not come up: %w", err)
	}
	return cmd.Process.Pid, "127.0.0.1:" + strings.TrimSpace(port), nil
}

// server is the one in Go.
func server() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 64)
			for n, err := c.Read(buf); err == nil; n, err = c.Read(buf) {
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}
