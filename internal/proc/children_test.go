//go:build linux

package proc

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"
)

func TestChildren(t *testing.T) {
	fs := live(t)
	var child pair
	pid := spawn(t, &child, nil, "hold")
	pids, err := fs.Children(os.Getpid())
	if err != nil || !slices.Contains(pids, pid) {
		t.Errorf("children %v, %v; want %d among them", pids, err, pid)
	}
	if pids, err := fs.Children(pid); err != nil || len(pids) != 0 {
		t.Errorf("children of a process without any: %v, %v", pids, err)
	}
	if _, err := fs.Children(1 << 22); !errors.Is(err, ErrGone) {
		t.Errorf("children of no process: %v; want ErrGone", err)
	}
}

func TestSockStat(t *testing.T) {
	fs := live(t)
	tcpPair(t, "tcp4")
	st, err := fs.SockStat(os.Getpid())
	if err != nil || st.InUse < 3 || st.Alloc < st.InUse || st.Orphan < 0 || st.TimeWait < 0 {
		t.Errorf("%+v, %v; want a listener and two ends in use", st, err)
	}
}

// TestHasTCP looks at a namespace without sockets, and at ones with sockets of
// one family only.
func TestHasTCP(t *testing.T) {
	fs := live(t)
	for _, network := range []string{"tcp4", "tcp6"} {
		tcpPair(t, network)
		if !fs.HasTCP(os.Getpid()) {
			t.Errorf("there are %s sockets", network)
		}
	}
	if got := parseSockStat([]byte("TCP6: inuse 3\nUDP6: inuse 1\n")); got.InUse != 3 {
		t.Errorf("sockstat6: %+v", got)
	}
	if !fs.HasTCP(1 << 22) {
		t.Error("there are none of no process")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	var child pair
	pid := spawn(t, &child, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}, "hold")
	if fs.HasTCP(pid) {
		t.Error("a namespace without sockets has some")
	}
}
