package scan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// used is what a child used to look at itself.
type used struct {
	Sources []socket.SourceUse
	Gaps    []socket.Gap
}

// alone looks at this process with all that it is allowed to use.
func alone([]string) any {
	s, err := New(Options{Now: time.Now})
	must(err)
	snap, err := s.Look(context.Background(), Target{PIDs: []int{os.Getpid()}})
	must(err)
	return used{snap.Sources, snap.Gaps}
}

// lookAlone runs such a child with a command in front, and returns it with
// what it said.
func lookAlone(t *testing.T, before ...string) (child *exec.Cmd, said used) {
	t.Helper()
	argv := append(before, os.Args[0])
	child = exec.Command(argv[0], argv[1:]...)
	child.Env = append(os.Environ(), childVariable+"=alone")
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = child.Process.Kill(); _ = child.Wait() })
	if err := json.NewDecoder(out).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return child, said
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
			_, said := lookAlone(t, tc.before...)
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

// TestKilled: nothing that was loaded into the kernel outlives a process that
// had no time to clean up.
func TestKilled(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to load BPF programs and to ask for them")
	}
	child, said := lookAlone(t)
	if !said.Sources[0].Used {
		t.Fatalf("%+v; want bpf used", said.Sources[0])
	}
	programs := programsOf(t, child.Process.Pid)
	if len(programs) == 0 {
		t.Fatal("the child holds no program")
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	for _, id := range programs {
		deadline := time.Now().Add(10 * time.Second)
		for programLives(t, id) { // the kernel frees it after a grace period
			if time.Now().After(deadline) {
				t.Fatalf("program %d is still there", id)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// programsOf returns the ids of the BPF programs that a process holds itself
// or through links.
func programsOf(t *testing.T, pid int) (ids []uint32) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, _ := os.ReadFile(f)
		for line := range strings.Lines(string(data)) {
			var id uint32
			if n, _ := fmt.Sscanf(line, "prog_id:\t%d", &id); n == 1 {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// programLives asks for a program by id (BPF_PROG_GET_FD_BY_ID, bpf(2)).
func programLives(t *testing.T, id uint32) bool {
	t.Helper()
	const getFDByID = 13
	attr := struct{ id, next, flags uint32 }{id: id}
	fd, _, errno := unix.Syscall(unix.SYS_BPF, getFDByID, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	if errno == 0 {
		_ = unix.Close(int(fd))
		return true
	}
	if !errors.Is(errno, unix.ENOENT) {
		t.Fatalf("ask for program %d: %v", id, errno)
	}
	return false
}
