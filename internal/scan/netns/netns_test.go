//go:build linux

package netns

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// private puts the calling thread, which ends with the test, into a network
// namespace of its own.
func private(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // and never unlocked
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		if errors.Is(err, unix.EPERM) {
			t.Skip("needs CAP_SYS_ADMIN, to make a network namespace")
		}
		t.Fatal(err)
	}
}

// What runs in the namespace of another thread sees its settings, and what runs
// afterwards does not.
func TestDo(t *testing.T) {
	const setting = "/proc/sys/net/ipv4/ip_local_port_range"
	read := func() string {
		text, err := os.ReadFile(setting)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := read()
	there, ends := make(chan string), make(chan struct{})
	defer close(ends)
	go func() {
		defer close(there)
		runtime.LockOSThread() // the thread ends with the goroutine
		if unix.Unshare(unix.CLONE_NEWNET) == nil && os.WriteFile(setting, []byte("20000 20999"), 0) == nil {
			there <- fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
			<-ends
		}
	}()
	path, ok := <-there
	if !ok {
		t.Skip("needs root, to make a network namespace")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	err = Do(path, func(id uint64) error {
		if want := info.Sys().(*syscall.Stat_t).Ino; id != want {
			t.Errorf("namespace %d, want %d", id, want)
		}
		got = read()
		return nil
	})
	if err != nil || got != "20000\t20999\n" {
		t.Errorf("%v, setting %q", err, got)
	}
	for range 100 {
		again := make(chan string)
		go func() { again <- read() }()
		if now := <-again; now != before {
			t.Fatalf("a goroutine is still there: setting %q, was %q", now, before)
		}
	}
}

func TestWithoutPrivilege(t *testing.T) {
	home, err := os.Open(thread)
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	private(t)
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	data[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
	if err := unix.Capset(&header, &data[0]); err != nil { // of this thread alone
		t.Fatal(err)
	}
	err = enter(home, func(uint64) error { return nil })
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("without CAP_SYS_ADMIN: %v", err)
	}
}
