//go:build amd64

package attach

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// open opens a tracer, or skips where that is not allowed.
func open(t *testing.T) opener.Tracer {
	t.Helper()
	tracer, err := New("/proc")
	if err != nil {
		if os.Getuid() == 0 {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(func() { tracer.Close() })
	return tracer
}

// running is a running program of testdata/openers.
type running struct {
	t      *testing.T
	pid    int
	source string
	stdin  io.Writer
	out    *bufio.Scanner
	inodes map[string][]uint64
}

func start(t *testing.T, source string, cmd *exec.Cmd) *running {
	t.Helper()
	p := &running{t: t, source: source, inodes: map[string][]uint64{}}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Log(stderr.String())
		}
	})
	p.pid, p.out = cmd.Process.Pid, bufio.NewScanner(out)
	return p
}

// open lets the program open its sockets.
func (p *running) open() {
	p.t.Helper()
	fmt.Fprintln(p.stdin)
	for p.out.Scan() {
		if p.out.Text() == "ready" {
			return
		}
		var role string
		var inode uint64
		if _, err := fmt.Sscan(p.out.Text(), &role, &inode); err != nil {
			p.t.Fatalf("%q: %v", p.out.Text(), err)
		}
		p.inodes[role] = append(p.inodes[role], inode)
	}
	p.t.Fatal("the program ended before it was ready")
}

// snapshot is one of the program's sockets.
func (p *running) snapshot() *socket.Snapshot {
	p.t.Helper()
	fs, err := proc.New("/proc")
	if err != nil {
		p.t.Fatal(err)
	}
	process, err := fs.Process(p.pid)
	if err != nil {
		p.t.Fatal(err)
	}
	process.Target = true
	snap := &socket.Snapshot{Taken: time.Now(), Processes: []socket.Process{process}}
	for _, inodes := range p.inodes {
		for _, inode := range inodes {
			snap.Sockets = append(snap.Sockets, &socket.Socket{Inode: inode, Holders: []socket.Holder{{Process: process.ID}}})
		}
	}
	return snap
}

func (p *running) roleOf(inode uint64) string {
	for role, inodes := range p.inodes {
		if slices.Contains(inodes, inode) {
			return role
		}
	}
	return ""
}

// line returns the number of the line with the marker behind it.
func (p *running) line(marker string) int {
	p.t.Helper()
	text, err := os.ReadFile(p.source)
	if err != nil {
		p.t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		for _, comment := range []string{"// " + marker, "# " + marker, "/* " + marker + " */"} {
			if strings.HasSuffix(line, comment) {
				return i + 1
			}
		}
	}
	p.t.Fatalf("%s has no line marked %q", p.source, marker)
	return 0
}

// want is where the sockets of a role are opened: in which function, at which
// marker, called from which.
type want struct{ role, call, function, marker, caller string }

// check traces the program while it opens its sockets.
func (p *running) check(wants []want) map[string]*socket.Socket {
	p.t.Helper()
	tracer := open(p.t)
	began := time.Now()
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	if len(snap.Gaps) > 0 {
		p.t.Errorf("gaps: %+v", snap.Gaps)
	}
	found := map[string]*socket.Socket{}
	for _, s := range snap.Sockets {
		found[p.roleOf(s.Inode)] = s
		if s.Origin == nil || s.Life == nil {
			p.t.Errorf("no origin or life of inode %d", s.Inode)
			continue
		}
		if s.Origin.Process != snap.Processes[0].ID || s.Origin.Thread == 0 || !s.Life.Whole ||
			s.Origin.At.Before(began.Add(-time.Millisecond)) || s.Origin.At.After(snap.Taken) {
			p.t.Errorf("origin %+v", s.Origin)
		}
	}
	for _, w := range wants {
		s := found[w.role]
		if s == nil || s.Origin == nil {
			p.t.Errorf("%s: not traced", w.role)
			continue
		}
		if s.Origin.Call != w.call {
			p.t.Errorf("%s: opened by %s; want %s", w.role, s.Origin.Call, w.call)
		}
		if problem := p.differs(s.Origin, w); problem != "" {
			p.t.Errorf("%s: %s in %+v", w.role, problem, s.Origin)
		}
	}
	return found
}

func (p *running) differs(o *socket.Origin, w want) string {
	var own []socket.Frame
	for _, f := range o.Frames {
		if f.Own && filepath.Base(f.File) == filepath.Base(p.source) {
			own = append(own, f)
		}
	}
	if len(own) == 0 || own[0].Function != w.function || own[0].Line != p.line(w.marker) {
		return fmt.Sprintf("it is not %s:%d", w.function, p.line(w.marker))
	}
	if w.caller != "" {
		for _, f := range own[1:] {
			if f.Line == p.line(w.caller) {
				return ""
			}
		}
		return fmt.Sprintf("no call at line %d", p.line(w.caller))
	}
	return ""
}

func TestGo(t *testing.T) {
	for name, args := range map[string][]string{
		"plain":    nil,
		"stripped": {"-ldflags=-s -w", "-trimpath"},
		"pie":      {"-buildmode=pie"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.Abs("../../../testdata/openers/go")
			if err != nil {
				t.Fatal(err)
			}
			exe := filepath.Join(t.TempDir(), "openers")
			cmd := exec.Command("go", append(append([]string{"build", "-o", exe}, args...), ".")...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			p := start(t, filepath.Join(dir, "main.go"), exec.Command(exe))
			wants := []want{
				{"listen", "socket", "main.main", "opens: listen", ""},
				{"dial", "socket", "main.open", "opens: dial", "calls: dial"},
				{"accept", "accept4", "main.serve", "opens: accept", ""},
				{"pair", "socketpair", "main.pair", "opens: pair", ""},
				{"http", "socket", "main.fetch", "opens: http", "calls: http"},
			}
			found := p.check(wants)
			if s := found["accept"].Origin.Start; s == nil || s.Line != p.line("starts: accept") {
				t.Errorf("accept: started by %+v; want line %d", s, p.line("starts: accept"))
			}
			for _, role := range []string{"dial", "accept"} {
				if d := found[role].Life.Data; d == nil || d.Answers != 3 {
					t.Errorf("%s: %+v; want 3 answers", role, d)
				}
			}
		})
	}
}

func TestNative(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("needs gcc")
	}
	source, err := filepath.Abs("../../../testdata/openers/c/main.c")
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(t.TempDir(), "openers")
	if out, err := exec.Command("gcc", "-g", "-O2", "-fomit-frame-pointer", "-pthread", "-o", exe, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := start(t, source, exec.Command(exe))
	p.check([]want{
		{"listen", "socket", "main", "opens: listen", ""},
		{"dial", "socket", "dial", "opens: dial", "calls: dial"},
		{"udp", "socket", "dial", "opens: dial", "calls: udp"},
		{"accept", "accept", "serve", "opens: accept", ""},
		{"pair", "socketpair", "main", "opens: pair", ""},
	})
}

// The interpreter that is asked for may be one that executes another, and the
// tracer may come before that.
func TestPython(t *testing.T) {
	source, err := filepath.Abs("../../../testdata/openers/python/main.py")
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, source, exec.Command("python3", "-u", source))
	p.check([]want{
		{"listen", "socket", "main", "opens: listen", ""},
		{"dial", "socket", "dial", "opens: dial", "calls: dial"},
		{"accept", "accept4", "serve", "opens: accept", ""},
		{"pair", "socketpair", "main", "opens: pair", ""},
	})
}

// A program that another one executes under the trace is looked at anew.
func TestExec(t *testing.T) {
	source, err := filepath.Abs("../../../testdata/openers/python/main.py")
	if err != nil {
		t.Fatal(err)
	}
	script := "read line; exec python3 -u \"$0\" </dev/null"
	p := start(t, source, exec.Command("sh", "-c", script, source))
	p.check([]want{
		{"listen", "socket", "main", "opens: listen", ""},
		{"dial", "socket", "dial", "opens: dial", "calls: dial"},
	})
}
