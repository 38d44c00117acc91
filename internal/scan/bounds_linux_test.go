package scan

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// A socket with thousands of descriptors has so many holders that are told
// apart, the others are counted, and that is said.
func TestManyDescriptorsOfOneSocket(t *testing.T) {
	const many = socket.MaxHolders + 2000
	var limit unix.Rlimit
	testkit.Must(unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if limit.Cur < many+200 {
		t.Skipf("needs %d descriptors, has %d", many+200, limit.Cur)
	}
	fd := open(unix.AF_INET, unix.SOCK_DGRAM, 0)
	testkit.Must(unix.Bind(fd, loopback(unix.AF_INET)))
	fds := []int{fd}
	defer func() {
		for _, fd := range fds {
			unix.Close(fd)
		}
	}()
	for len(fds) < many {
		more, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		testkit.Must(err)
		fds = append(fds, more)
	}
	inode, _ := ids(fd)
	for _, use := range SourceNames() {
		t.Run(use.Name, func(t *testing.T) {
			snap := lookAt(t, scanner(t, use.Name, false), os.Getpid())
			for _, s := range snap.Sockets {
				if s.Inode != inode {
					continue
				}
				count := 0
				for _, h := range s.Holders {
					count += 1 + int(h.More)
				}
				if count != many || len(s.Holders) > socket.MaxHolders+1 {
					t.Errorf("%d descriptors of %d holders, want %d", count, len(s.Holders), many)
				}
			}
			said := false
			for _, g := range snap.Gaps {
				said = said || strings.HasPrefix(g.Where, "which descriptors refer to sockets") && !g.Blinds && g.Count >= many-socket.MaxHolders
			}
			if !said {
				t.Errorf("gaps %+v", snap.Gaps)
			}
		})
	}
}

// leaderless is a child whose thread leader ends once it has answered.
type leaderless struct{ FD int }

func beheaded([]string) any {
	fd := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Listen(fd, 8)) // on any address: loopback is down in a new namespace
	return leaderless{fd}
}

// After ends the thread leader, and only it: exit(2) ends a thread.
func (leaderless) After() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_, _, _ = unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
}

// A process whose thread leader has ended lives in its network namespace as
// before, whichever source looks.
func TestNamespaceOfLeaderless(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var child leaderless
	p := testkit.Spawn(t, &child, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "beheaded")
	for _, use := range SourceNames() {
		s := scanner(t, use.Name, false)
		deadline := time.Now().Add(10 * time.Second)
		for stat, err := s.machine.fs.Stat(p.PID); err != nil || !stat.Zombie(); stat, err = s.machine.fs.Stat(p.PID) {
			if testkit.Must(err); time.Now().After(deadline) {
				t.Fatal("the thread leader has not ended")
			}
			time.Sleep(time.Millisecond)
		}
		snap := lookAt(t, s, p.PID)
		if use.Name == "gopsutil" { // it does not look at other threads
			if !snap.Blind() {
				t.Errorf("gopsutil sees nothing, and does not say so: %+v", snap.Gaps)
			}
			continue
		}
		if l := byFD(t, snap, p.PID)[int32(child.FD)]; l == nil || l.State != socket.Listen {
			t.Errorf("%s: the listener is %+v", use.Name, l)
		}
		if ns := snap.Namespaces[0]; ns.ID == 0 || len(ns.Listening) != 1 || ns.EphemeralLow == 0 || snap.Blind() {
			t.Errorf("%s: namespace %+v, gaps %+v", use.Name, ns, snap.Gaps)
		}
	}
}

// crowd looks at one short-lived child after the other, in network namespaces of
// their own, with room for few descriptors, and says how many could not be seen.
func crowd([]string) any {
	testkit.Must(unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: 64}))
	s, err := New(Options{Now: time.Now})
	testkit.Must(err)
	defer s.Close()
	var failed []string
	for range 100 {
		cmd := exec.Command("sleep", "60")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
		testkit.Must(cmd.Start())
		snap, err := s.Look(context.Background(), Target{PIDs: []int{cmd.Process.Pid}})
		if err != nil {
			failed = append(failed, err.Error())
		} else if snap.Blind() || !snap.Sources[0].Used {
			failed = append(failed, fmt.Sprintf("%+v %+v", snap.Gaps, snap.Sources[0]))
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return failed
}

// What a scanner keeps open does not grow with the processes that it has seen.
func TestFewDescriptorsManyProcesses(t *testing.T) {
	testkit.NeedRoot(t, "make network namespaces and load BPF programs")
	var failed []string
	testkit.Spawn(t, &failed, nil, "crowd")
	if len(failed) > 0 {
		t.Errorf("%d of 100 looks failed, the first by %s", len(failed), failed[0])
	}
}
