package waiters

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// interpreters are the releases of Python to test with: python3, and those that
// the environment variable SOCKLEAK_PYTHONS names by their paths.
func interpreters() []string {
	return append([]string{"python3"}, strings.Fields(os.Getenv("SOCKLEAK_PYTHONS"))...)
}

func TestPythonThreads(t *testing.T) {
	source, err := filepath.Abs("../../testdata/lines/python/main.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range interpreters() {
		t.Run(filepath.Base(python), func(t *testing.T) {
			cmd := exec.Command(python, source)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			p := run(t, source, cmd)
			calls := map[string]string{
				"recv": "recvfrom", "accept": "accept4", "select": "select pselect6", "poll": "poll ppoll", "send": "sendto",
				"generator": "recvfrom", "library": "poll ppoll", // by libc and architecture
			}
			p.eventually(func() []string {
				stacks := p.stacks(in)
				found, err := p.look()
				if err != nil {
					t.Fatal(err)
				}
				var problems []string
				for role, call := range calls {
					problems = append(problems, p.samePythonStack(found, role, call, stacks[role])...)
				}
				return problems
			})
			found, _ := p.look()
			if w := found[p.inodes["nobody"][0]].waiters; len(w) > 0 {
				t.Errorf("somebody waits where nobody does: %+v", w)
			}
			if w := found[p.inodes["recv"][0]].waiters[0]; w.Own() == nil || w.Own().Line < p.line("waits: recv")-2 || w.Own().Line > p.line("waits: recv") {
				t.Errorf("own frame %+v", w.Own())
			}
			if w := found[p.inodes["library"][0]].waiters[0]; w.Own() != nil {
				t.Errorf("a thread of the library alone has %+v", w.Own())
			}
		})
	}
}

// stacks asks the program where its threads are, by their names.
func (p *running) stacks(in io.Writer) map[string]string {
	p.t.Helper()
	if _, err := io.WriteString(in, "\n"); err != nil {
		p.t.Fatal(err)
	}
	stacks := map[string]string{}
	for p.out.Scan() && p.out.Text() != "done" {
		name, stack, _ := strings.Cut(p.out.Text(), " ")
		stacks[name] = stack
	}
	return stacks
}

// samePythonStack compares what was found of a socket with what the interpreter
// says.
func (p *running) samePythonStack(found map[uint64]seen, role, call, want string) []string {
	waiters := found[p.inodes[role][0]].waiters
	if len(waiters) != 1 || waiters[0].Kind != socket.ThreadWaiter || waiters[0].Name == "" {
		return []string{fmt.Sprintf("%s: waiters %+v", role, waiters)}
	}
	var got []string
	for _, f := range waiters[0].Frames {
		got = append(got, fmt.Sprintf("%s:%d", f.Function, f.Line))
	}
	if text := strings.Join(got, " "); text != want || !slices.Contains(strings.Fields(call), waiters[0].Call) {
		return []string{fmt.Sprintf("%s: in %s\n got %s\nwant %s", role, waiters[0].Call, text, want)}
	}
	return nil
}
