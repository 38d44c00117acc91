package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes this program the one that leaks, when it is started as that.
func TestMain(m *testing.M) {
	if os.Getenv("LEAK") == "" {
		os.Exit(m.Run())
	}
	if err := leak(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// leak keeps connections that their clients have closed, until it is ended.
func leak() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var kept []net.Conn
	for range 6 {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		c, err := l.Accept()
		if err != nil {
			return err
		}
		client.Close()
		if _, err := io.ReadAll(c); err != nil {
			return err
		}
		kept = append(kept, c)
	}
	fmt.Println("leaking", len(kept))
	time.Sleep(time.Hour)
	return errors.Join(kept[0].Close(), l.Close())
}

const appUser = 1000 // that the leaking program runs as

// leaking starts the program that leaks, as another user and in a pid namespace
// of its own, and returns its pid.
func leaking(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{"LEAK=1"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Credential: &syscall.Credential{Uid: appUser, Gid: appUser}, Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "leaking") {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd.Process.Pid
}

// runs runs the image's files by a container runtime, as the documents say, and
// with no other rights.
func runs(t *testing.T, root string) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to run a container")
	}
	if _, err := exec.LookPath("crun"); err != nil {
		t.Skip("needs crun (Debian's package crun)")
	}
	for _, name := range []string{"proc", "sys", "dev"} { // else containers that start together each make them
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	pid := leaking(t)
	app := strconv.Itoa(pid)
	all := []string{"SYS_PTRACE", "DAC_READ_SEARCH", "BPF", "PERFMON"}
	proof := []string{"--for", "13s"} // as long as a leak must last
	for name, c := range map[string]struct {
		container
		args []string
		code int
		says string
	}{
		"by itself":            {container{user: 65532}, []string{"scan", "--all"}, 0, "clean: "},
		"host, root":           {container{caps: all, pids: "host"}, append([]string{"scan", app, "-v", "--fail-on", "suspect"}, proof...), 3, "bpf used"}, // the other ends are in a network that it may not enter
		"host, without rights": {container{user: 65532, pids: "host"}, []string{"scan", app}, 4, "inconclusive: "},
		"sidecar, root":        {container{caps: all, pids: app}, append([]string{"scan", "--all"}, proof...), 3, "leak[close-wait-eof-read]"},
		"sidecar, same user":   {container{user: appUser, pids: app}, append([]string{"scan", "--all"}, proof...), 3, "leak[close-wait-eof-read]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := c.run(t, root, c.args)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d, want %d with %q\n%s", code, c.code, c.says, out)
			}
		})
	}
}

// container is what a runtime is told of a container.
type container struct {
	user int
	caps []string
	pids string // the pid namespace: "host", that of a process, with its network, or "" for an own one
}

// run runs the image's program in the container.
func (c container) run(t *testing.T, root string, args []string) (code int, out string) {
	t.Helper()
	bundle := t.TempDir()
	raw, err := json.Marshal(c.config(root, append([]string{"/sockleak"}, args...)))
	if err == nil {
		err = os.WriteFile(filepath.Join(bundle, "config.json"), raw, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	// crun refuses to see both versions of cgroups mounted, and needs neither here.
	script := `mount -t tmpfs tmpfs /sys/fs/cgroup && exec crun --cgroup-manager=disabled --root "$1/state" run --bundle "$1" "$2"`
	cmd := exec.Command("unshare", "--mount", "sh", "-c", script, "sh", bundle, "sockleak-"+filepath.Base(filepath.Dir(bundle)))
	text, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// config is https://github.com/opencontainers/runtime-spec/blob/main/config.md.
func (c container) config(root string, args []string) map[string]any {
	caps := []string{}
	for _, name := range c.caps {
		caps = append(caps, "CAP_"+name)
	}
	type namespace struct {
		Type string `json:"type"`
		Path string `json:"path,omitempty"`
	}
	spaces := []namespace{{Type: "mount"}, {Type: "ipc"}, {Type: "uts"}}
	switch c.pids {
	case "host":
		spaces = append(spaces, namespace{Type: "network"})
	case "":
		spaces = append(spaces, namespace{Type: "network"}, namespace{Type: "pid"})
	default:
		spaces = append(spaces, namespace{"network", "/proc/" + c.pids + "/ns/net"}, namespace{"pid", "/proc/" + c.pids + "/ns/pid"})
	}
	return map[string]any{
		"ociVersion": "1.0.0",
		"root":       map[string]any{"path": root, "readonly": true},
		"mounts": []any{
			map[string]any{"destination": "/proc", "type": "proc", "source": "proc"},
			map[string]any{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "mode=755"}},
			map[string]any{"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": []string{"ro"}}, // the kernel's BTF
		},
		"linux": map[string]any{"namespaces": spaces},
		"process": map[string]any{
			"user": map[string]any{"uid": c.user, "gid": c.user}, "cwd": "/", "args": args, "noNewPrivileges": true,
			"capabilities": map[string]any{"bounding": caps, "effective": caps, "permitted": caps},
		},
	}
}
