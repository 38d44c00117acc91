package corpus

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestOutcome(t *testing.T) {
	kind := Kind{Name: "a", Rules: []string{"r"}}
	leaky := Case{Program: "a/leaky.py", Kind: kind}
	noted := Case{Program: "a/noted.py", Kind: kind}
	healthy := Case{Program: "a/clean.py", Kind: kind}
	tests := []struct {
		name   string
		c      Case
		exit   int
		report string
		ok     bool
	}{
		{"caught and named", leaky, 3, `{"findings":[{"rule":"x","level":"note"},{"rule":"r","level":"leak"}]}`, true},
		{"caught, wrong cause", leaky, 3, `{"findings":[{"rule":"x","level":"leak"}]}`, false},
		{"caught, cause only suspected", leaky, 3, `{"findings":[{"rule":"r","level":"suspect"}]}`, false},
		{"missed", leaky, 0, `{"findings":[{"rule":"r","level":"suspect"}]}`, false},
		{"noted", noted, 0, `{"findings":[{"rule":"r","level":"note"}]}`, true},
		{"not noted", noted, 3, `{}`, false},
		{"spared", healthy, 0, `{"findings":[{"rule":"r","level":"note"}]}`, true},
		{"suspected", healthy, 0, `{"findings":[{"rule":"r","level":"suspect"}]}`, false},
		{"accused", healthy, 3, `{}`, false},
		{"not a report", healthy, 0, `nothing found`, true},
		{"could not see", healthy, 4, `{}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Outcome{Case: tt.c, Exit: tt.exit}
			o.read([]byte(tt.report))
			if got := o.OK(); got != tt.ok {
				t.Errorf("OK() = %v, want %v; rules %v", got, tt.ok, o.Rules)
			}
		})
	}
}

// TestJudgePlays runs one program for real: its sockets are in CLOSE_WAIT
// for ss(8), in its own namespace, and it is gone afterwards.
func TestJudgePlays(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a network namespace")
	}
	if _, err := exec.LookPath("ss"); err != nil {
		t.Skip("needs ss, which counts the sockets: apt-get install iproute2")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := []string{"sh", "-c", `
		n=$(ss -Htnp state close-wait | grep -c pid={pid},)
		echo '{"verdict":"leak","findings":[{"rule":"close-wait-eof-read","level":"leak"}]}'
		[ "$n" -ge 10 ] && exit 3`}
	cases, err := Cases(programs, "^close-wait-eof-read/leaky.py$")
	if err != nil || len(cases) != 1 {
		t.Fatal(cases, err)
	}
	if o := Judge(ctx, programs, cases[0], command); !o.OK() {
		t.Errorf("outcome %+v", o)
	}
}
