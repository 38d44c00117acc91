//go:build linux

package sockdiag

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// netNSOf is the namespace of a descriptor's socket, by the socket's own word.
func netNSOf(t *testing.T, fd int) uint64 {
	t.Helper()
	ns, err := unix.IoctlRetInt(fd, unix.SIOCGSKNS)
	check(t, "SIOCGSKNS", err)
	defer unix.Close(ns)
	return inodeOf(t, ns)
}

func TestOpenKnowsItsNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root (CAP_NET_ADMIN) for SIOCGSKNS")
	}
	home, err := Open()
	check(t, "open", err)
	defer home.Close()
	if want := netNSOf(t, home.fd); home.NetNS() != want {
		t.Errorf("namespace %d, want %d", home.NetNS(), want)
	}
	c := privateNet(t)
	if want := netNSOf(t, c.fd); c.NetNS() != want || want == home.NetNS() {
		t.Errorf("namespace %d, want %d and not %d", c.NetNS(), want, home.NetNS())
	}
}

func TestOpenInAnotherNamespace(t *testing.T) {
	home, err := Open()
	check(t, "open", err)
	check(t, "close", home.Close())
	there := privateNet(t)
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	path := fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())

	// OpenIn works on threads of the other goroutines, which are at home.
	// Each has to be there again, or gone, whenever another takes it over.
	for range 20 {
		c, err := OpenIn(path)
		check(t, "open", err)
		if c.NetNS() != there.NetNS() || netNSOf(t, c.fd) != there.NetNS() {
			t.Errorf("namespace %d, want %d", c.NetNS(), there.NetNS())
		}
		if s := one(t, c.tcp, inodeOf(t, l)); s.NetNS != there.NetNS() || s.Local != local(t, l) {
			t.Errorf("found %+v", s)
		}
		check(t, "close", c.Close())
		after := make(chan uint64)
		go func() {
			var ns uint64
			if c, err := Open(); err == nil {
				ns = c.NetNS()
				c.Close()
			}
			after <- ns
		}()
		if got := <-after; got != home.NetNS() {
			t.Fatalf("a goroutine runs in namespace %d, want %d", got, home.NetNS())
		}
	}
}

func TestOpenInOnesOwnNamespace(t *testing.T) {
	c, err := OpenIn(threadNetNS)
	check(t, "open", err)
	check(t, "close", c.Close())
}

func TestOpenInWhatIsNoNamespace(t *testing.T) {
	if _, err := OpenIn("/proc/0/ns/net"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a process that does not exist: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	check(t, "write", os.WriteFile(file, nil, 0o600))
	if c, err := OpenIn(file); err == nil {
		c.Close()
		t.Error("a file was taken for a namespace")
	}
}
