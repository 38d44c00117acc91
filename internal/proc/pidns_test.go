//go:build linux

package proc

import (
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// Who is in a pid namespace below the first, or may not read the processes of
// other users, does not see all.
func TestSeesAll(t *testing.T) {
	testkit.NeedRoot(t, "start processes of another user or in another network namespace")
	fs := live(t)
	if link, err := os.Readlink("/proc/self/ns/pid"); err != nil || link != fmt.Sprintf("pid:[%d]", initialPIDNS) {
		t.Skipf("needs the first pid namespace of the machine, this is %s (%v)", link, err)
	}
	if !fs.SeesAll() {
		t.Error("root in the first pid namespace does not see all")
	}
	var held pair
	pid := testkit.Spawn(t, &held, nil, "hold").PID
	for name, attr := range map[string]*syscall.SysProcAttr{
		"another pid namespace": {Cloneflags: unix.CLONE_NEWPID}, "another user": testkit.Nobody(),
	} {
		var seen sight
		testkit.Spawn(t, &seen, attr, "view", fmt.Sprint(pid), "0")
		if seen.SeesAll {
			t.Errorf("%s sees all", name)
		}
	}
}
