package scan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// keeper is a child that has looked at itself and keeps its scanner.
type keeper struct {
	used
	scanner *Scanner
}

// keep looks at this process once, and with an argument again and again.
func keep(args []string) any {
	s, err := New(Options{Now: time.Now})
	testkit.Must(err)
	own := Target{PIDs: []int{os.Getpid()}}
	snap, err := s.Look(context.Background(), own)
	testkit.Must(err)
	if len(args) > 0 {
		go func() {
			for {
				_, err := s.Look(context.Background(), own)
				testkit.Must(err)
			}
		}()
	}
	return keeper{used{snap.Sources, snap.Gaps}, s}
}

// end is how a program ends that has the time to.
func (k keeper) End() { testkit.Must(k.scanner.Close()) }

// TestNothingStays: nothing that was loaded into the kernel outlives the
// process, whether or not it had the time to clean up.
func TestNothingStays(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to load BPF programs and to ask for them")
	}
	for _, tc := range []struct {
		name string
		args []string
		kill bool
	}{
		{"at its end", nil, false},
		{"killed between looks", nil, true},
		{"killed in a look", []string{"busy"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var said used
			child := testkit.Run(t, &said, "keep", append([]string{os.Args[0]}, tc.args...)...)
			if !said.Sources[0].Used {
				t.Fatalf("%+v; want bpf used", said.Sources[0])
			}
			held := heldBy(t, child.PID)
			kinds := map[string]int{}
			for _, o := range held {
				kinds[o.kind]++
			}
			if kinds["prog_id"] == 0 || kinds["link_id"] == 0 {
				t.Fatalf("the child holds %v; want a program and a link", held)
			}
			if tc.kill {
				child.Kill()
			} else {
				child.Stop()
			}
			for _, o := range held {
				o.awaitGone(t)
			}
		})
	}
}

// object is something of BPF in the kernel, by what fdinfo calls its number.
type object struct {
	kind string
	id   uint32
}

// heldBy returns what a process holds itself or through links. A link and its
// program both come from the link's descriptor.
func heldBy(t *testing.T, pid int) (list []object) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, _ := os.ReadFile(f) // it may have been closed
		for line := range strings.Lines(string(data)) {
			for _, kind := range []string{"prog_id", "map_id", "link_id", "btf_id"} {
				o := object{kind: kind}
				if n, _ := fmt.Sscanf(line, kind+":\t%d", &o.id); n == 1 && o.id != 0 {
					list = append(list, o)
				}
			}
		}
	}
	return list
}

// lives asks for the object by its number (BPF_*_GET_FD_BY_ID, bpf(2)).
func (o object) lives(t *testing.T) bool {
	t.Helper()
	cmd := map[string]uintptr{"prog_id": 13, "map_id": 14, "btf_id": 19, "link_id": 30}[o.kind]
	attr := struct{ id, next, flags uint32 }{id: o.id}
	fd, _, errno := unix.Syscall(unix.SYS_BPF, cmd, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	if errno == 0 {
		_ = unix.Close(int(fd))
		return true
	}
	if !errors.Is(errno, unix.ENOENT) {
		t.Fatalf("ask for %v: %v", o, errno)
	}
	return false
}

// awaitGone waits for the kernel to free the object, after a grace period.
func (o object) awaitGone(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); o.lives(t); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v is still there", o)
		}
	}
}

// counted are how many descriptors a child had: after one look and after a
// hundred of one scanner, and after one scanner and after twenty.
type counted struct {
	used
	Look1, Look100, Scanner1, Scanner20 int
}

// count counts the descriptors of this process.
func count([]string) any {
	var c counted
	own := Target{PIDs: []int{os.Getpid()}}
	for n := range 20 {
		s, err := New(Options{Now: time.Now})
		testkit.Must(err)
		for i := range 100 {
			snap, err := s.Look(context.Background(), own)
			testkit.Must(err)
			if n > 0 {
				break
			}
			if i == 0 {
				c.used, c.Look1 = used{snap.Sources, snap.Gaps}, descriptors()
			}
			c.Look100 = descriptors()
		}
		testkit.Must(s.Close())
		if n == 0 {
			c.Scanner1 = descriptors()
		}
		c.Scanner20 = descriptors()
	}
	return c
}

// TestDescriptorsDoNotGrow: neither with looks nor with scanners.
func TestDescriptorsDoNotGrow(t *testing.T) {
	var c counted
	child := testkit.Run(t, &c, "count", os.Args[0])
	if c.Look100 != c.Look1 || c.Scanner20 != c.Scanner1 {
		t.Errorf("%+v", c)
	}
	if held := heldBy(t, child.PID); len(held) > 0 {
		t.Errorf("after Close it holds %v", held)
	}
}
