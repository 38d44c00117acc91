//go:build amd64

package attach

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/sockleak/sockleak/internal/socket"
)

// compile compiles the program of testdata/openers/c.
func compile(t *testing.T, flags ...string) (exe, source string) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("needs gcc")
	}
	source, err := filepath.Abs("../../../testdata/openers/c/main.c")
	if err != nil {
		t.Fatal(err)
	}
	exe = filepath.Join(t.TempDir(), "openers")
	if out, err := exec.Command("gcc", append(flags, "-O2", "-fomit-frame-pointer", "-pthread", "-o", exe, source)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe, source
}

// traced are the sockets of the program by role, traced while it opens them.
func (p *running) traced() map[string]*socket.Socket {
	p.t.Helper()
	tracer := open(p.t)
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	if len(snap.Gaps) > 0 {
		p.t.Errorf("gaps: %+v", snap.Gaps)
	}
	found := map[string]*socket.Socket{}
	for _, s := range snap.Sockets {
		if s.Origin == nil || s.Life == nil {
			p.t.Fatalf("%s: not traced", p.roleOf(s.Inode))
		}
		found[p.roleOf(s.Inode)] = s
	}
	return found
}

// The calls of a 32-bit program are seen, and it is said why their lines are not.
func Test32Bits(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.c")
	if err := os.WriteFile(empty, []byte("#include <stdio.h>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("gcc", "-m32", "-E", "-o", os.DevNull, empty).Run(); err != nil {
		t.Skip("needs gcc-multilib")
	}
	exe, source := compile(t, "-m32")
	found := start(t, source, exec.Command(exe)).traced()
	for role, call := range map[string]string{"listen": "socket", "dial": "socket", "accept": "accept", "pair": "socketpair"} {
		s := found[role]
		if s == nil || !strings.HasPrefix(s.Origin.Call, call) || len(s.Origin.Frames) > 0 || !strings.Contains(s.Origin.Doubt, "32-bit") || !s.Life.Whole {
			t.Errorf("%s: %+v", role, s)
		}
	}
}

// Without symbols there is no name, and it is said; with dynamic ones there are
// functions.
func TestStripped(t *testing.T) {
	exe, source := compile(t, "-s")
	for role, s := range start(t, source, exec.Command(exe)).traced() {
		if s.Origin.Own() != nil && s.Origin.Own().Line != 0 || s.Origin.Own() == nil && len(s.Origin.Frames) == 0 && s.Origin.Doubt == "" {
			t.Errorf("%s: %+v", role, s.Origin)
		}
	}
	exe, source = compile(t, "-s", "-rdynamic", "-fvisibility=default")
	if s := start(t, source, exec.Command(exe)).traced()["listen"]; s.Origin.Own() == nil || s.Origin.Own().Function != "main" {
		t.Errorf("listen: %+v; want main, without a line", s.Origin)
	}
}

// A program whose file was replaced is named by the file that it runs.
func TestUpgraded(t *testing.T) {
	exe, source := compile(t, "-g")
	p := start(t, source, exec.Command(exe))
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("#!/bin/false\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, exe); err != nil {
		t.Fatal(err)
	}
	p.check([]want{{"dial", "socket", "dial", "opens: dial", "calls: dial"}})
}

// A container's own mount and pid namespace: its paths are its own, its pid is
// seen from the host, and the name of the line is as ever.
func TestContainer(t *testing.T) {
	exe, source := compile(t, "-g")
	inside := filepath.Join(t.TempDir(), "inside")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("mount -t tmpfs none %s && cp %s %s/app && exec %s/app", inside, exe, inside, inside)
	cmd := exec.Command("sh", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
	p := start(t, source, cmd)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if link, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.pid)); link == inside+"/app" {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the program did not start")
		}
	}
	if _, err := os.Stat(inside + "/app"); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the program's file is there for the host too: %v", err)
	}
	p.check([]want{{"dial", "socket", "dial", "opens: dial", "calls: dial"}})
}

const forking = `
import os, socket, sys, time
sys.stdin.readline()
began = time.time()
for i in range(2000):
    pid = os.fork()
    if not pid:
        socket.socket()
        os._exit(0)
    os.waitpid(pid, 0)
    if i % 20 == 0:
        s = socket.socket() # opens: kept
        print("kept", os.fstat(s.detach()).st_ino)
print("%.0f forks a second" % (2000 / (time.time() - began)), file=sys.stderr)
print("ready", flush=True)
time.sleep(3600)
`

// Children that come and go by the hundred do no harm, and leave nothing behind.
func TestForks(t *testing.T) {
	source := filepath.Join(t.TempDir(), "forks.py")
	if err := os.WriteFile(source, []byte(forking), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, source, exec.Command("python3", source))
	tracer := open(t).(*Tracer)
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	for _, s := range snap.Sockets {
		if s.Origin == nil || s.Origin.Own() == nil || s.Origin.Own().Line != p.line("opens: kept") {
			t.Fatalf("inode %d: %+v", s.Inode, s.Origin)
		}
	}
	if len(snap.Sockets) != 100 {
		t.Errorf("%d sockets", len(snap.Sockets))
	}
	var tgid uint32
	var image uint64
	traced := 0
	for all := tracer.kernel.maps.Targets.Iterate(); all.Next(&tgid, &image); {
		traced++
	}
	births, err := tracer.births()
	if err != nil || len(births) > len(snap.Sockets)+10 || traced > 2 {
		t.Errorf("%d births and %d processes are kept of what has ended; %v", len(births), traced, err)
	}
}

// A full map loses births, and says how many.
func TestFullMap(t *testing.T) {
	p := start(t, "", exec.Command(os.Args[0], "churns"))
	open(t) // skips without the right to it
	tracer, err := newTracer("/proc", 50)
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Close()
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	known := 0
	for _, s := range snap.Sockets {
		if s.Origin != nil {
			known++
		}
	}
	if known == 0 || known > 50 || len(snap.Sockets) != churned/100 {
		t.Errorf("%d of %d sockets are known", known, len(snap.Sockets))
	}
	said := false
	for _, g := range snap.Gaps {
		said = said || g.Why == "more sockets are open than the trace keeps" && g.Count > 0
	}
	if !said {
		t.Errorf("gaps: %+v", snap.Gaps)
	}
}

// traces traces itself until it is killed.
func traces() {
	tracer, err := New("/proc")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer tracer.Close()
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

// loadedPrograms counts the programs of births.bpf.c that are in the kernel.
func loadedPrograms(t *testing.T) (n int) {
	t.Helper()
	for id := ebpf.ProgramID(0); ; {
		next, err := ebpf.ProgramGetNextID(id)
		if errors.Is(err, os.ErrNotExist) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		id = next
		p, err := ebpf.NewProgramFromID(id)
		if err != nil {
			continue // it has gone
		}
		if info, err := p.Info(); err == nil && strings.HasPrefix(info.Name, "tcp_destroy_soc") {
			n++
		}
		p.Close()
	}
}

// Killed, nothing of it stays in the kernel.
func TestKilled(t *testing.T) {
	open(t) // skips without the right to it; it is one itself
	before := loadedPrograms(t)
	cmd := exec.Command(os.Args[0], "traces")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	during := loadedPrograms(t)
	cmd.Process.Kill()
	cmd.Wait()
	if line != "ready\n" || before == 0 || during != before+1 {
		t.Fatalf("%q; %d programs before and %d during the trace", line, before, during)
	}
	for end := time.Now().Add(20 * time.Second); loadedPrograms(t) != before; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d programs are left; %d were there before", loadedPrograms(t), before)
		}
	}
}
