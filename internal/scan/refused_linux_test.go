package scan

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// TestRefused: what the kernel refuses, the next source answers without a
// word on the page. The list of sources says why, and nothing is left.
func TestRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: to load BPF programs, and to change the kernel's types")
	}
	asis := kernelTypes(t).data
	other, moved := kernelTypes(t), kernelTypes(t)
	other.swapNames(t, "bpf_iter_task_file", "bpf_iter_task")
	moved.moveOut(t, "socket", "sk")
	for name, tc := range map[string]struct {
		before, hindrances []string
		why                string
	}{
		"seccomp EPERM":        {nil, []string{"seccomp EPERM"}, "not permitted to use bpf: load program: a seccomp filter"},
		"seccomp ENOSYS":       {nil, []string{"seccomp ENOSYS"}, "not permitted to use bpf: load program: a seccomp filter"},
		"another iterator":     {insteadOf(t, vmlinux, other.data), nil, "bpf program rejected: "},
		"a member that is not": {insteadOf(t, vmlinux, moved.data), nil, "bpf program rejected: "},
		"types cut off":        {insteadOf(t, vmlinux, asis[:len(asis)/2]), nil, "no kernel type information: btf: "},
		"header cut off":       {insteadOf(t, vmlinux, asis[:20]), nil, "no kernel type information: btf: "},
		"no types":             {insteadOf(t, vmlinux, make([]byte, len(asis))), nil, "no kernel type information: btf: "},
	} {
		t.Run(name, func(t *testing.T) {
			var said used
			child := testkit.Run(t, &said, "alone", append(append(tc.before, os.Args[0]), tc.hindrances...)...)
			list := said.Sources
			if list[0].Name != "bpf" || list[0].Used || !strings.HasPrefix(list[0].Why, tc.why) || strings.Contains(list[0].Why, "\n") {
				t.Errorf("%+v; want that bpf was not used, and %q as the reason", list[0], tc.why)
			}
			t.Log(list[0].Why)
			if !list[1].Used {
				t.Errorf("%+v; want sockdiag used", list[1])
			}
			if len(said.Gaps) > 0 {
				t.Errorf("%+v; want none: the fall-back sees all of this", said.Gaps)
			}
			if held := heldBy(t, child.PID); len(held) > 0 {
				t.Errorf("the child holds %v", held)
			}
		})
	}
}

// TestNoLockedMemory: the limit that programs counted against before Linux
// 5.11 stands in the way of nothing.
func TestNoLockedMemory(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to load BPF programs")
	}
	var said used
	// As root with no more than the capabilities that it takes: CAP_IPC_LOCK
	// would lift the limit.
	testkit.Run(t, &said, "alone", "setpriv", "--bounding-set", "-all,+bpf,+perfmon,+sys_ptrace,+dac_read_search", os.Args[0], "no locked memory")
	if !said.Sources[0].Used {
		t.Errorf("%+v; want bpf used", said.Sources[0])
	}
}

// cramped is what a child saw of its own listener with room for so many more
// descriptors.
type cramped struct {
	Err         string // of Look
	Sources     []socket.SourceUse
	Seen, Blind bool
}

// cramp looks with room for no more descriptors, then for one, and so on.
func cramp([]string) any {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	testkit.Must(err)
	var limit unix.Rlimit
	testkit.Must(unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	have := uint64(descriptors())
	var list []cramped
	for room := range uint64(16) {
		limit.Cur = have + room
		testkit.Must(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
		list = append(list, lookCramped(l.Addr().String()))
	}
	limit.Cur = limit.Max
	testkit.Must(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	return list
}

func lookCramped(listener string) (c cramped) {
	s, err := New(Options{Now: time.Now})
	if err != nil {
		return cramped{Err: err.Error()}
	}
	defer s.Close()
	snap, err := s.Look(context.Background(), Target{PIDs: []int{os.Getpid()}})
	if err != nil {
		return cramped{Err: err.Error()}
	}
	c.Sources = snap.Sources
	for _, sock := range snap.Sockets {
		c.Seen = c.Seen || sock.State == socket.Listen && sock.Local.String() == listener
	}
	for _, g := range snap.Gaps {
		c.Blind = c.Blind || g.Blinds
	}
	return c
}

// TestTooFewDescriptors: with ulimit -n in the way of a source the next one
// answers; where none can, that is said.
func TestTooFewDescriptors(t *testing.T) {
	const why = "too many open files"
	var list []cramped
	testkit.Run(t, &list, "cramp", os.Args[0])
	for room, c := range list {
		if c.Err != "" && !strings.Contains(c.Err, why) || c.Err == "" && !c.Seen && !c.Blind {
			t.Errorf("room for %d: %+v", room, c)
		}
		for _, use := range c.Sources {
			if use.Used {
				break
			}
			if !strings.Contains(use.Why, why) && os.Getuid() == 0 {
				t.Errorf("room for %d: %s was not used: %s", room, use.Name, use.Why)
			}
		}
	}
	if last := list[len(list)-1]; !last.Seen {
		t.Errorf("with room enough: %+v", last)
	}
}
