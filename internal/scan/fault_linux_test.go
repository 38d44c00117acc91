package scan

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// used is what a child used to look at itself.
type used struct {
	Sources []socket.SourceUse
	Gaps    []socket.Gap
}

// alone looks at this process with all that it is allowed to use, which the
// named hindrances lessen first.
func alone(hindrances []string) any {
	for _, name := range hindrances {
		testkit.Must(hinder()[name]())
	}
	s, err := New(Options{Now: time.Now})
	testkit.Must(err)
	snap, err := s.Look(context.Background(), Target{PIDs: []int{os.Getpid()}})
	testkit.Must(err)
	return used{snap.Sources, snap.Gaps}
}

// TestFallBack: without BPF the next source answers. The page says nothing of
// it, the list of sources says why.
func TestFallBack(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: to take capabilities away, and to hide the kernel's types")
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		before []string
		why    string
	}{
		"no CAP_BPF": {[]string{"setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin"}, "CAP_BPF"},
		"no BTF": {[]string{"unshare", "--mount", "sh", "-c",
			`mount --bind "$0" /sys/kernel/btf/vmlinux && exec "$@"`, empty}, "no kernel type information"},
	} {
		t.Run(name, func(t *testing.T) {
			var said used
			testkit.Run(t, &said, "alone", append(tc.before, os.Args[0])...)
			list := said.Sources
			if list[0].Name != "bpf" || list[0].Used || !strings.Contains(list[0].Why, tc.why) {
				t.Errorf("%+v; want that bpf was not used, and %s as the reason", list[0], tc.why)
			}
			if !list[1].Used || list[2].Used || !strings.HasPrefix(list[2].Why, "not needed: sockdiag answered; it lacks ") {
				t.Errorf("%+v; want sockdiag used and the rest not needed", list[1:])
			}
			if len(said.Gaps) > 0 {
				t.Errorf("%+v; want none: the fall-back sees all of this", said.Gaps)
			}
		})
	}
}
