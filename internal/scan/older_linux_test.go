package scan

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// A connection that was there before its holder was started is known to be older,
// and one that the holder may have made itself is not.
func TestConnectionOlderThanHolder(t *testing.T) {
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	testkit.Must(unix.Bind(l, loopback(unix.AF_INET)))
	testkit.Must(unix.Listen(l, 8))
	client := dial(sockAddr(unix.Getsockname(l)), "")
	defer unix.Close(client)
	given := os.NewFile(uintptr(accept(l)), "accepted before")
	defer given.Close()
	time.Sleep(1100 * time.Millisecond) // start times are a second too early at most
	var none struct{}
	child := testkit.SpawnWith(t, &none, nil, []*os.File{given}, "share")
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			snap := lookAt(t, scanner(t, source, false), child.PID)
			s := byFD(t, snap, child.PID)[3]
			var holder *socket.Process
			for i := range s.Holders {
				if s.Holders[i].Process.PID == child.PID {
					holder = snap.Process(s.Holders[i].Process)
				}
			}
			if holder == nil || !s.Has(socket.HasTCPInfo) {
				t.Fatalf("socket %+v, holder %+v", s, holder)
			}
			// The last ACK was that of the handshake: the connection is no younger.
			if silent := s.TCP.LastAckRecv; !holder.StartedAfter(snap.Taken.Add(-silent)) {
				t.Errorf("silent for %v at %v, its holder started at %v", silent, snap.Taken, holder.Started)
			}
			if holder.StartedAfter(snap.Taken) {
				t.Errorf("started at %v, after the look at %v", holder.Started, snap.Taken)
			}
		})
	}
}
