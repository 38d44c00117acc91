//go:build linux

package bpf

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// leaderless is set in the environment of a copy of the test program whose
// main thread is to end.
const leaderless = "SOCKLEAK_TEST_LEADERLESS"

func init() {
	if os.Getenv(leaderless) != "" {
		runtime.LockOSThread() // main stays on the main thread
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(leaderless) != "" {
		endMainThread()
	}
	os.Exit(m.Run())
}

// endMainThread opens three sockets and ends the thread that it runs on. The
// other threads of the process go on until standard input is closed.
func endMainThread() {
	for range 3 {
		if _, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
			fmt.Println(err)
		}
	}
	for range 3 {
		go func() {
			runtime.LockOSThread()
			unix.Pause()
		}()
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	unix.Syscall(unix.SYS_EXIT, 0, 0, 0)
}

func TestMainThreadEnded(t *testing.T) {
	p := open(t, Options{})
	child := exec.Command("/proc/self/exe")
	child.Env = append(os.Environ(), leaderless+"=1")
	stdin, err := child.StdinPipe()
	must(t, err)
	must(t, child.Start())
	defer child.Wait()
	defer stdin.Close()

	deadline := time.Now().Add(10 * time.Second)
	for !zombie(t, child.Process.Pid) {
		if time.Now().After(deadline) {
			t.Fatal("the main thread does not end")
		}
		time.Sleep(time.Millisecond)
	}
	for _, tgid := range []int{child.Process.Pid, 0} {
		fds := make(map[int]int)
		for _, s := range look(t, p, tgid) {
			if s.pid == child.Process.Pid {
				fds[s.fd]++
			}
		}
		if len(fds) != 3 {
			t.Errorf("tgid %d: sockets %v, want three", tgid, fds)
		}
		for fd, n := range fds {
			if n != 1 {
				t.Errorf("tgid %d: descriptor %d was seen %d times", tgid, fd, n)
			}
		}
	}
}

// zombie reports whether the main thread of a process has ended.
func zombie(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	var n int
	var comm, state string
	_, err = fmt.Sscan(string(stat), &n, &comm, &state)
	must(t, err)
	return state == "Z"
}
