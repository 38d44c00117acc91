package scan

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// looked is what a child, with the rights that it has, saw of a process.
type looked struct {
	Namespaces []socket.Namespace
	Gaps       []socket.Gap
}

// look looks twice at the process in its argument, or at all, so close together that what
// is known of the namespaces is used again, and answers what came second.
func look(args []string) any {
	target := Target{}
	if args[0] != "all" {
		pid, err := strconv.Atoi(args[0])
		testkit.Must(err)
		target.PIDs = []int{pid}
	}
	at := time.Now()
	s, err := New(Options{Now: func() time.Time { return at }})
	testkit.Must(err)
	defer s.Close()
	var snap *socket.Snapshot
	for range 2 {
		snap, err = s.Look(context.Background(), target)
		testkit.Must(err)
	}
	return looked{snap.Namespaces, snap.Gaps}
}

// The settings are those of the target's network namespace; who may not enter
// it is told so.
func TestSettingsOfOtherNamespaces(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var none struct{}
	home := testkit.Spawn(t, &none, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "share")
	err := netns.Do("/proc/"+strconv.Itoa(home.PID)+"/ns/net", func(uint64) error {
		if err := os.WriteFile("/proc/sys/net/ipv4/tcp_fin_timeout", []byte("17"), 0); err != nil {
			return err
		}
		return os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("20000 20999"), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	snap := lookAt(t, scanner(t, "", false), home.PID)
	ns := snap.Namespaces[0]
	if ns.EphemeralLow != 20000 || ns.EphemeralHigh != 20999 || ns.FinTimeout != 17*time.Second || len(snap.Gaps) > 0 {
		t.Errorf("%+v, gaps %+v", ns, snap.Gaps)
	}
	var seen looked
	nobody := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	testkit.Spawn(t, &seen, nobody, "look", strconv.Itoa(home.PID))
	told := 0
	for _, g := range seen.Gaps {
		if strings.HasPrefix(g.Where, "ephemeral port range of the network namespace of pid ") && g.Why == "permission denied" && !g.Blinds {
			told++
		}
	}
	if told != 1 || len(seen.Namespaces) != 1 || seen.Namespaces[0].EphemeralLow != 0 {
		t.Errorf("without rights: %+v; want one gap, and nothing of our own settings", seen)
	}
	alone := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 64123, Gid: 64123}} // other tests have processes of nobody
	testkit.Spawn(t, &seen, alone, "look", "all")
	for _, g := range seen.Gaps {
		if strings.HasPrefix(g.Where, "ephemeral port range") {
			t.Errorf("of processes that may not be seen at all: %+v", g)
		}
	}
}
