//go:build linux

package bpf

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf/prog"
	"github.com/sockleak/sockleak/internal/socket"
)

// withCaps runs f on a thread whose effective capabilities are those given.
func withCaps(t *testing.T, caps []int, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the function
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		err := unix.Capget(&header, &data[0])
		data[0].Effective, data[1].Effective = 0, 0
		for _, c := range caps {
			data[c/32].Effective |= 1 << (c % 32)
		}
		if err == nil {
			err = unix.Capset(&header, &data[0])
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Skipf("needs root to give capabilities up: %v", err)
	}
}

func TestNotPermitted(t *testing.T) {
	for _, tc := range []struct {
		caps []int
		want string
	}{
		{nil, "CAP_BPF and CAP_PERFMON"},
		{[]int{unix.CAP_BPF}, "needs CAP_PERFMON"},
		{[]int{unix.CAP_PERFMON}, "needs CAP_BPF "},
	} {
		withCaps(t, tc.caps, func() {
			_, err := Open(Options{})
			if !errors.Is(err, ErrNotPermitted) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("with %v: %v", tc.caps, err)
			}
		})
	}
}

// TestTwoCapsAreEnough reads another user's process without ptrace rights.
func TestTwoCapsAreEnough(t *testing.T) {
	open(t, Options{})
	client, _ := pair(t)
	withCaps(t, []int{unix.CAP_BPF, unix.CAP_PERFMON}, func() {
		p, err := Open(Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer p.Close()
		if s := find(t, p, client); s.State != socket.Established {
			t.Errorf("%+v", s.Socket)
		}
	})
}

// TestRejected has the verifier refuse a program that returns what it must not.
func TestRejected(t *testing.T) {
	p := open(t, Options{})
	bad := Program{code: prog.Program{
		Code:     []prog.Insn{{Code: 0x79, Regs: 0x50}, {Code: 0x95}}, // r0 = *(u64 *)(r5 + 0), which was never written; exit
		AttachTo: p.code.AttachTo,
	}}
	_, err := bad.loadFor(0)
	var rejected *RejectedError
	if !errors.Is(err, ErrRejected) || !errors.As(err, &rejected) || !errors.Is(err, unix.EACCES) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "R5 !read_ok") || strings.Contains(err.Error(), "\n") {
		t.Errorf("message %q of the log\n%s", err, rejected.Log)
	}
}

// TestFilterInProgram is how kernels before 6.1 look at one process.
func TestFilterInProgram(t *testing.T) {
	p := open(t, Options{})
	p.filtered = true
	client, _ := pair(t)
	if s := find(t, p, client); s.State != socket.Established {
		t.Errorf("%+v", s.Socket)
	}
	for _, s := range look(t, p, os.Getppid()) {
		if s.Inode == inode(t, client) {
			t.Error("another process's walk shows this one's socket")
		}
	}
}
