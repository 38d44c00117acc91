//go:build linux

package proc

import (
	"os"
	"syscall"
	"testing"

	"github.com/prometheus/procfs"

	"github.com/sockleak/sockleak/internal/testkit"
)

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
	six := &procfs.NetSockstat{Protocols: []procfs.NetSockstatProtocol{{Protocol: "TCP6", InUse: 3}, {Protocol: "UDP6", InUse: 1}}}
	if got := sockStatOf(six, "TCP6"); got.InUse != 3 {
		t.Errorf("sockstat6: %+v", got)
	}
	if !fs.HasTCP(1 << 22) {
		t.Error("there are none of no process")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	var child pair
	pid := testkit.Spawn(t, &child, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}, "hold").PID
	if fs.HasTCP(pid) {
		t.Error("a namespace without sockets has some")
	}
}
