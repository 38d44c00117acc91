package scan

import (
	"bufio"
	"context"
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
)

// childEnv makes the test binary look at itself once, tell what it used, and
// wait to be killed.
const childEnv = "SOCKLEAK_SCAN_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	s, err := New(Options{Now: time.Now})
	if err != nil {
		panic(err)
	}
	snap, err := s.Look(context.Background(), Target{PIDs: []int{os.Getpid()}})
	if err != nil {
		panic(err)
	}
	for _, u := range snap.Sources {
		fmt.Printf("%s %v %s\n", u.Name, u.Used, u.Why)
	}
	fmt.Printf("gaps %d\n", len(snap.Gaps))
	time.Sleep(time.Minute)
}

// lookAlone runs such a child with a command in front, and returns it with
// what it said, line by line.
func lookAlone(t *testing.T, before ...string) (child *exec.Cmd, said []string) {
	t.Helper()
	argv := append(before, os.Args[0])
	child = exec.Command(argv[0], argv[1:]...)
	child.Env = append(os.Environ(), childEnv+"=1")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.HasPrefix(lines.Text(), "gaps") {
			return child, said
		}
	}
	t.Fatalf("the child ended early: %q", said)
	return nil, nil
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
			if !strings.HasPrefix(said[0], "bpf false ") || !strings.Contains(said[0], tc.why) {
				t.Errorf("%q; want that bpf was not used, and %s as the reason", said[0], tc.why)
			}
			if !strings.HasPrefix(said[1], "sockdiag true ") || said[2] != "procfs false not needed: sockdiag answered" {
				t.Errorf("%q; want sockdiag used and the rest not needed", said[1:])
			}
			if last := said[len(said)-1]; last != "gaps 0" {
				t.Errorf("%s; want none: the fall-back sees all of this", last)
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
	if !strings.HasPrefix(said[0], "bpf true ") {
		t.Fatalf("%q; want bpf used", said[0])
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
