//go:build amd64

package attach

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestAgreesWithStrace compares the stacks with those of strace -k, which shares
// no code with us, of the same calls of the same run.
func TestAgreesWithStrace(t *testing.T) {
	for _, tool := range []string{"gcc", "strace"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	source, err := filepath.Abs("../../../testdata/openers/c/main.c")
	if err != nil {
		t.Fatal(err)
	}
	exe, log := filepath.Join(t.TempDir(), "openers"), filepath.Join(t.TempDir(), "strace")
	if out, err := exec.Command("gcc", "-O2", "-fomit-frame-pointer", "-pthread", "-o", exe, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := start(t, source, exec.Command("strace", "-f", "-k", "-o", log, "-e", "trace=socket,accept,accept4,socketpair", exe))
	p.pid = childOf(t, p.pid, exe)
	t.Cleanup(func() { syscall.Kill(p.pid, syscall.SIGKILL) }) // it would outlive strace
	tracer := open(t)
	tracer.Annotate(p.snapshot())
	p.open()
	snap := p.snapshot()
	tracer.Annotate(snap)
	var ours []string
	for _, s := range snap.Sockets {
		if s.Origin == nil {
			t.Fatalf("%s: not traced", p.roleOf(s.Inode))
		}
		ours = append(ours, stackOf(s.Origin, filepath.Base(exe)))
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	theirs := straced(string(text), exe)
	for _, stack := range ours { // a pair is one call; what was closed again is in strace's log alone
		if !slices.Contains(theirs, stack) {
			t.Errorf("strace has no %s in\n%s", stack, strings.Join(theirs, "\n"))
		}
	}
	if len(ours) != 6 {
		t.Errorf("%d sockets", len(ours))
	}
}

// childOf waits for the program that strace has started.
func childOf(t *testing.T, parent int, exe string) int {
	t.Helper()
	for range 1000 {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
		for _, field := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(field)
			if link, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); link == exe {
				return pid
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("strace has started nothing")
	return 0
}

// stackOf is the call and the functions of the program, the innermost first.
func stackOf(o *socket.Origin, module string) string {
	words := []string{o.Call}
	for _, f := range o.Frames {
		if f.Module == module {
			words = append(words, f.Function)
		}
	}
	return strings.Join(words, " ")
}

// straced reads what strace -f -k has written: a call on a line, below it its
// stack.
func straced(text, exe string) (list []string) {
	call := regexp.MustCompile(`^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed).* = \d+`)
	frame := regexp.MustCompile(`^ > (\S+)\((\w+)\+0x`)
	for _, line := range strings.Split(text, "\n") {
		if m := call.FindStringSubmatch(line); m != nil {
			list = append(list, m[1])
		} else if m := frame.FindStringSubmatch(line); m != nil && m[1] == exe && len(list) > 0 {
			list[len(list)-1] += " " + m[2]
		}
	}
	return list
}
