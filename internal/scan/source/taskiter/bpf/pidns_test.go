//go:build linux

package bpf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inPidNS is set for a copy of the test program in a pid namespace of its own.
const inPidNS = "SOCKLEAK_TEST_PIDNS"

// TestPidNamespace looks from inside a pid namespace, where this process is
// number 1: that is how its sockets must be reported, whichever way they are
// asked for.
func TestPidNamespace(t *testing.T) {
	if os.Getenv(inPidNS) == "" {
		open(t, Options{})
		child := exec.Command("/proc/self/exe", "-test.run=^TestPidNamespace$", "-test.v")
		child.Env = append(os.Environ(), inPidNS+"=1")
		child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}
		out, err := child.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestPidNamespace")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if os.Getpid() != 1 || inInitialPidNS() {
		t.Fatalf("pid %d, not in a namespace of its own", os.Getpid())
	}
	p := open(t, Options{})
	fd := stream(t)
	for _, tgid := range []int{0, 1} {
		for _, filtered := range []bool{false, true} {
			p.closeLinks()
			p.filtered = filtered
			t.Run(fmt.Sprint(tgid, filtered), func(t *testing.T) {
				list := look(t, p, tgid)
				if len(list) != 1 || list[0].pid != 1 || list[0].fd != fd {
					t.Errorf("seen: %+v", list)
				}
			})
		}
	}
}
