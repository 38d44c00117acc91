package headstart

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestMain plays sockleak where it is called like it, and says what was begun.
func TestMain(m *testing.M) {
	if os.Getenv("HEADSTART") != "" {
		fmt.Print(Begun != nil)
		return
	}
	os.Exit(m.Run())
}

// TestBegun starts processes that look, and others.
func TestBegun(t *testing.T) {
	root := os.Geteuid() == 0
	for _, tc := range []struct {
		args []string
		uid  int
		want bool
	}{
		{[]string{"scan", "1"}, os.Geteuid(), root},
		{[]string{"scan", "1"}, 65534, false},
		{[]string{"trend", "scan"}, os.Geteuid(), false},
		{nil, os.Geteuid(), false},
	} {
		if tc.uid != os.Geteuid() && !root {
			t.Log("needs root to be somebody else")
			continue
		}
		cmd := exec.Command("/proc/self/exe", tc.args...)
		cmd.Env = append(os.Environ(), "HEADSTART=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(tc.uid), Gid: uint32(os.Getegid()), NoSetGroups: true}}
		out, err := cmd.Output()
		if err != nil || string(out) != fmt.Sprint(tc.want) {
			t.Errorf("%q as %d: begun %s (%v), want %v", tc.args, tc.uid, out, err, tc.want)
		}
	}
}
