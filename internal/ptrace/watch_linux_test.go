package ptrace_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/ptrace"
)

// program has a word that it sets when it is about to close descriptor 8, after a
// line came, in a child and then by itself.
const program = `
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
volatile long closing;
int main(void)
{
	char line;
	if (read(0, &line, 1) < 0 || dup2(open("/dev/zero", O_RDONLY), 8) < 0)
		return 1;
	int status = 0;
	if (fork())
		wait(&status);
	closing = 0;
	closing = 1;
	close(8);
	closing = 2;
	return status ? 2 : 0;
}`

// watched starts the program with its word watched: from its first instruction,
// or from when its libraries are mapped.
func watched(t *testing.T, later bool, exit func(*ptrace.Exit) bool) (c *ptrace.Command, in *os.File) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("debug registers are used on x86-64 only")
	}
	path := filepath.Join(t.TempDir(), "program")
	gcc := exec.Command("gcc", "-no-pie", "-x", "c", "-o", path, "-")
	gcc.Stdin = strings.NewReader(program)
	if out, err := gcc.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	word := symbol(t, path, "closing")
	from, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { from.Close(); in.Close() })
	c, err = ptrace.Start(path, []string{path}, &os.ProcAttr{Files: []*os.File{from, nil, os.Stderr}}, ptrace.Options{
		Exit: exit,
		Watch: func(_ int, mapped bool) (uint64, bool) {
			if later && !mapped {
				return 0, true
			}
			return word, false
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Signal(unix.SIGKILL) })
	return c, in
}

func symbol(t *testing.T, path, name string) uint64 {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("%s has no symbol %s", path, name)
	return 0
}

// A process is told of, standing still, when its word is set: before what the
// program does next. One that it has forked off is watched as well.
func TestWatch(t *testing.T) {
	for name, later := range map[string]bool{"from the beginning": false, "when the libraries are mapped": true} {
		t.Run(name, func(t *testing.T) {
			var closing, open, exits int
			c, in := watched(t, later, func(e *ptrace.Exit) bool {
				if !e.Closing {
					exits++
					return false
				}
				closing++
				if _, err := os.Readlink("/proc/" + itoa(e.PID) + "/fd/8"); err == nil {
					open++
				}
				go e.Release()
				return true
			})
			in.WriteString("\n")
			if status, _ := c.Wait(); status != 0 {
				t.Errorf("ended with %#x", status)
			}
			if closing != 2 || open != 2 || exits != 2 {
				t.Errorf("told of %d closings, %d of them before, and %d exits; want 2 of each", closing, open, exits)
			}
		})
	}
}

// Who is let go does not stumble over what was watched.
func TestWatchEndsWithTheTracer(t *testing.T) {
	c, in := watched(t, false, func(e *ptrace.Exit) bool { return false })
	c.Leave("the test wants it")
	in.WriteString("\n")
	if status, _ := c.Wait(); status != 0 {
		t.Errorf("ended with %#x", status)
	}
}
