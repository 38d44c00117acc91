package run_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// strace(1) unwinds with a library of its own: it must have come to the same
// functions of a program that makes sockets in many ways, call by call.
func TestSameAsStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("needs strace")
	}
	for name, flags := range map[string][]string{"without optimisation": {"-O0"}, "without frame pointers": {"-O2", "-fomit-frame-pointer", "-fno-inline", "-fno-optimize-sibling-calls"}} {
		t.Run(name, func(t *testing.T) {
			program := compile(t, append([]string{"gcc", "-g", "-o", "PROGRAM", "testdata/mixed.c"}, flags...)...)
			out, err := exec.Command("strace", "-f", "-k", "-e", "trace=socket,socketpair,accept,accept4", program).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			want := straceFunctions(string(out), program)
			if len(want) != 7 {
				t.Fatalf("strace saw %q:\n%s", want, out)
			}
			start(t, func(t *testing.T, got traced) {
				if len(got.Sockets) != len(want) {
					t.Fatalf("%+v", got)
				}
				for i, s := range got.Sockets {
					var own []string
					for _, f := range s.Origin.Frames {
						if f.Own {
							own = append(own, f.Function)
						}
					}
					if !slices.Equal(own, want[i]) {
						t.Errorf("%s: %q, strace has %q", got.Names[i], own, want[i])
					}
				}
			}, program)
		})
	}
}

// straceFunctions returns the functions of a program on the stack of each call.
// Lines are " > FILE(FUNCTION+OFFSET) [ADDRESS]".
func straceFunctions(out, program string) (calls [][]string) {
	begins := regexp.MustCompile(`^(\[pid +\d+\] )?(socket|socketpair|accept|accept4)\(`)
	frame := regexp.MustCompile(`^ > ` + regexp.QuoteMeta(program) + `\((\w+)\+`)
	for line := range strings.Lines(out) {
		switch m := frame.FindStringSubmatch(line); {
		case begins.MatchString(line):
			calls = append(calls, nil)
		case m != nil && len(calls) > 0 && m[1] != "_start":
			calls[len(calls)-1] = append(calls[len(calls)-1], m[1])
		}
	}
	return calls
}
