package waiters

import (
	"os/exec"
	"testing"
)

// Who waits in an io_uring is found in its rings: not those whose request was
// answered, also where another had the same number.
func TestThreadInURing(t *testing.T) {
	exe, source := buildC(t, "uring", "-O2", "-g")
	if err := exec.Command(exe, "probe").Run(); err != nil && err.(*exec.ExitError).ExitCode() == 77 {
		t.Skip("needs io_uring: sysctl kernel.io_uring_disabled=0 and a kernel that has it")
	}
	p := run(t, source, exec.Command(exe))
	at := func(role string) want { return want{role, "io_uring_enter", "await", "waits: uring", nil} }
	p.check([]want{
		at("recv"), at("poll"), at("again"),
		{"answered", "", "", "", nil},
		{"nobody", "", "", "", nil},
	})
}
