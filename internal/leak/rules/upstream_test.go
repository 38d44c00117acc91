package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestAdviceOfAnUpstream: who runs a relay whose clients give up is told where
// to look, not to close a descriptor.
func TestAdviceOfAnUpstream(t *testing.T) {
	asked := func(n int, ago time.Duration) part { return clients(n, silent(ago), sent(ago), got(ago+time.Second)) }
	f, text := found(t, looks(16, func(i int) []part {
		return []part{asked(8, time.Duration(20+i)*time.Second), threads(9, 9),
			accepted(i+13, in(socket.CloseWait), recvQ(30), nobody(), got(10*time.Second), func(s *socket.Socket, k int) {
				s.TCP.LastAckRecv, s.TCP.LastDataRecv = time.Duration(i+20-k)*time.Second, time.Duration(i+20-k)*time.Second
			})}
	}))
	if !strings.Contains(f.Fix, "its clients give up while 10.0.0.5:5432 does not answer (8 requests, oldest 35s): look at that upstream") {
		t.Errorf("fix: %s\n%s", f.Fix, text)
	}
	if !strings.Contains(text, "meanwhile the program waits for 10.0.0.5:5432, which has not answered 8 requests (the oldest for 35s)") {
		t.Errorf("evidence:\n%s", text)
	}
}
