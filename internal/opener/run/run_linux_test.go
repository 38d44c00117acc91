package run_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/opener/run"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, testkit.Children{"trace": trace}) }

// traced is the answer of the child that traces a command.
type traced struct {
	Error   string
	Status  syscall.WaitStatus
	Sockets []*socket.Socket // those that the command printed the inodes of
	Names   []string         // that it gave them
	Gaps    []socket.Gap
}

// trace traces a command, which prints the inodes of its sockets with a name for
// each, one a line, before it ends.
func trace(args []string) any {
	tracer, err := run.New(run.Options{Root: "/proc", Now: time.Now})
	testkit.Must(err)
	defer func() { testkit.Must(tracer.Close()) }()
	out, err := os.CreateTemp("", "run")
	testkit.Must(err)
	defer os.Remove(out.Name())
	path, err := exec.LookPath(args[0])
	testkit.Must(err)
	cmd, err := tracer.Start(path, args, &os.ProcAttr{Files: []*os.File{nil, out, os.Stderr}})
	if err != nil {
		return traced{Error: err.Error()}
	}
	status, _ := cmd.Wait()
	text, err := os.ReadFile(out.Name())
	testkit.Must(err)
	snap := &socket.Snapshot{}
	var names []string
	for line := range strings.Lines(string(text)) {
		s, name := &socket.Socket{Holders: []socket.Holder{{}}}, ""
		if n, _ := fmt.Sscan(line, &s.Inode, &name); n == 2 {
			snap.Sockets, names = append(snap.Sockets, s), append(names, name)
		}
	}
	tracer.Annotate(snap)
	return traced{Status: status, Sockets: snap.Sockets, Names: names, Gaps: snap.Gaps}
}

// start traces a command as an ordinary user, and as the one who runs the test.
func start(t *testing.T, test func(t *testing.T, got traced), argv ...string) {
	t.Helper()
	do := func(attr *syscall.SysProcAttr) func(t *testing.T) {
		return func(t *testing.T) {
			var got traced
			testkit.Spawn(t, &got, attr, "trace", argv...).Stop()
			test(t, got)
		}
	}
	t.Run("as I am", do(nil))
	t.Run("ordinary user", func(t *testing.T) {
		testkit.NeedRoot(t, "become an ordinary user")
		do(testkit.Nobody())(t)
	})
}

// where writes the frames as "function line" for comparison.
func where(frames []socket.Frame) string {
	var list []string
	for _, f := range frames {
		own := ""
		if f.Own {
			own = "*"
		}
		list = append(list, fmt.Sprintf("%s%s %s:%d", own, f.Function, filepath.Base(f.File), f.Line))
	}
	return strings.Join(list, "; ")
}

// check fails unless each socket that a program of testdata has printed was
// opened at the line which says so, and that is the innermost of its own code.
func check(t *testing.T, got traced, source string, sockets int) {
	t.Helper()
	if got.Error != "" || got.Status != 0 || len(got.Sockets) < sockets {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range got.Sockets {
		mark := "opens " + got.Names[i]
		line := 0
		for n, text := range strings.Split(string(text), "\n") {
			if _, rest, ok := strings.Cut(text, mark); ok && (rest == "" || rest[0] == ' ') {
				line = n + 1
			}
		}
		if s.Origin == nil {
			t.Errorf("%s: no origin", mark)
			continue
		}
		if own := s.Origin.Own(); own == nil || own.Line != line || filepath.Base(own.File) != filepath.Base(source) {
			t.Errorf("%s at line %d: %s %q %s", mark, line, s.Origin.Call, s.Origin.Doubt, where(s.Origin.Frames))
		}
		if s.Life == nil || !s.Life.Whole {
			t.Errorf("%s: its life is not known as whole: %+v", mark, s.Life)
		}
	}
}

func TestPython(t *testing.T) {
	source := public(t, "testdata/leak.py")
	start(t, func(t *testing.T, got traced) { check(t, got, source, 5) }, "/usr/bin/python3", source)
}

func TestGo(t *testing.T) {
	program := compile(t, "go", "build", "-o", "PROGRAM", "./testdata/leakgo")
	start(t, func(t *testing.T, got traced) { check(t, got, "testdata/leakgo/main.go", 7) }, program)
}

func TestJava(t *testing.T) {
	source := public(t, "testdata/Leak.java")
	start(t, func(t *testing.T, got traced) { check(t, got, source, 3) }, "java", "-XX:TieredStopAtLevel=1", source)
}

func TestNode(t *testing.T) {
	source := public(t, "testdata/leak.js")
	start(t, func(t *testing.T, got traced) { check(t, got, source, 5) }, "node", source)
}

func TestRust(t *testing.T) {
	for _, level := range []string{"0", "2"} {
		program := compile(t, "rustc", "-g", "-C", "opt-level="+level, "-o", "PROGRAM", "testdata/leak.rs")
		t.Run("level "+level, func(t *testing.T) {
			start(t, func(t *testing.T, got traced) { check(t, got, "testdata/leak.rs", 5) }, program)
		})
	}
}

func TestCPlusPlus(t *testing.T) {
	for _, level := range []string{"-O0", "-O2"} {
		program := compile(t, "g++", "-g", level, "-o", "PROGRAM", "testdata/leak.cpp")
		t.Run(level, func(t *testing.T) {
			start(t, func(t *testing.T, got traced) { check(t, got, "testdata/leak.cpp", 3) }, program)
		})
	}
}

func TestNative(t *testing.T) {
	for name, flags := range map[string][]string{
		"without optimisation": {"-O0"}, "without frame pointers": {"-O2", "-fomit-frame-pointer"},
	} {
		t.Run(name, func(t *testing.T) {
			program := compile(t, append([]string{"gcc", "-g", "-o", "PROGRAM", "testdata/leak.c"}, flags...)...)
			start(t, func(t *testing.T, got traced) {
				check(t, got, "testdata/leak.c", 3)
				for i := range got.Sockets {
					if frames := where(got.Sockets[i].Origin.Frames); !strings.Contains(frames, "*main leak.c:") {
						t.Errorf("%s does not lead to main", frames)
					}
				}
			}, program)
		})
	}
}

// What a program of the command misses under the tracer is said, once each.
func TestRemarks(t *testing.T) {
	start(t, func(t *testing.T, got traced) {
		if got.Error != "" || got.Status != 0 || len(got.Gaps) != 1 || got.Gaps[0].Where != "what strace does" || got.Gaps[0].Blinds {
			t.Errorf("%+v; want one gap about strace", got)
		}
	}, "sh", "-c", "strace -V >/dev/null; strace -V >/dev/null; true")
	t.Run("set-user-ID", func(t *testing.T) {
		testkit.NeedRoot(t, "become an ordinary user")
		var got traced
		testkit.Spawn(t, &got, testkit.Nobody(), "trace", "sh", "-c", "mount -V >/dev/null; true").Stop()
		if len(got.Gaps) != 1 || got.Gaps[0].Where != "what mount does" {
			t.Errorf("%+v; want one gap about mount", got)
		}
	})
}

// A program of 32 bits runs, also as the command itself, and is said not to be seen.
func TestNarrow(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("needs x86-64")
	}
	program := compile(t, "gcc", "-m32", "-nostdlib", "-static", "-o", "PROGRAM", "testdata/narrow.c")
	if err := exec.Command(program).Run(); errors.Is(err, unix.ENOEXEC) {
		t.Skip("this kernel runs no programs of 32 bits")
	}
	for _, argv := range [][]string{{program}, {"sh", "-c", program + "; true"}} {
		start(t, func(t *testing.T, got traced) {
			if got.Error != "" || got.Status != 0 || len(got.Gaps) != 1 || got.Gaps[0].Why != "it is a 32-bit program: the lines that open its sockets are not known" || got.Gaps[0].Blinds {
				t.Errorf("%+v; want one gap about a 32-bit program", got)
			}
		}, argv...)
	}
}

// A command that cannot be traced is refused before anything of it has run.
func TestRefused(t *testing.T) {
	start(t, func(t *testing.T, got traced) {
		if !strings.Contains(got.Error, "strace traces programs itself") {
			t.Errorf("%+v", got)
		}
	}, "strace", "-o", "/nowhere/else", "true")
}

// public returns a directory that every user can read, with a copy of the file.
func public(t testing.TB, file string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "opener")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.Base(file))
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// compile runs a compiler, which writes PROGRAM, and returns its path.
func compile(t testing.TB, argv ...string) string {
	t.Helper()
	program := filepath.Join(filepath.Dir(public(t, "doc.go")), "leak")
	for i, arg := range argv {
		argv[i] = strings.Replace(arg, "PROGRAM", program, 1)
	}
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return program
}
