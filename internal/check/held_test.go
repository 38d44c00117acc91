package check

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// TestAnswerDue: a handler may be at work on a request whose client has given
// up; one that has answered has no reason to keep the connection.
func TestAnswerDue(t *testing.T) {
	const ms = time.Millisecond
	for name, tc := range map[string]struct {
		info socket.TCPInfo
		due  bool
	}{
		"asked, never answered": {socket.TCPInfo{BytesReceived: 10, LastDataRecv: 5 * ms}, true},
		"asked again":           {socket.TCPInfo{BytesReceived: 10, BytesSent: 10, LastDataRecv: 5 * ms, LastDataSent: 9 * ms}, true},
		"answered":              {socket.TCPInfo{BytesReceived: 10, BytesSent: 10, LastDataRecv: 9 * ms, LastDataSent: 5 * ms}, false},
		"never asked":           {socket.TCPInfo{}, false},
	} {
		if got := answerDue(&socket.Socket{Facts: socket.HasTCPInfo, TCP: tc.info}); got != tc.due {
			t.Errorf("%s: due is %v", name, got)
		}
	}
	if !answerDue(&socket.Socket{}) {
		t.Error("what is not known convicts")
	}
}

// TestTwoAreNoGrowth: from birth on everything grows.
func TestTwoAreNoGrowth(t *testing.T) {
	l := &life{id: socket.ProcessID{PID: 1}}
	for n, want := range map[int]int{2: 0, 3: 1} {
		list := []leak.Finding{{Rule: "survivors", Level: leak.Leak, Process: l.id, Sockets: make([]*socket.Socket, n)}}
		if got := l.own(list, leak.Defaults()); len(got) != want {
			t.Errorf("%d sockets: %d findings, want %d", n, len(got), want)
		}
	}
}

// TestOneKindOneFinding: of two hundred equal connections none is another
// matter, whatever proved it, and wherever a finding stands among others.
func TestOneKindOneFinding(t *testing.T) {
	one := func(cookie uint64) *socket.Socket {
		return &socket.Socket{NetNS: 1, Cookie: cookie, Inode: cookie, Protocol: socket.TCP, State: socket.CloseWait}
	}
	finding := func(rule string, level leak.Level, sockets ...*socket.Socket) leak.Finding {
		return leak.Finding{Rule: rule, Level: level, Sockets: sockets, Summary: "holds " + words.Plural(len(sockets), "socket")}
	}
	other := finding("dead-pool", leak.Suspect, one(8))
	other.Remote = netip.MustParseAddrPort("192.0.2.1:443")
	l := newLife(socket.ProcessID{PID: 1}, time.Time{})
	l.history.Add(&socket.Snapshot{})
	l.findings = []leak.Finding{finding("a", leak.Suspect, one(1)), other, finding("b", leak.Leak, one(2), one(3)), finding("a", leak.Suspect, one(4))}
	l.fold()
	l.accuse([]*socket.Socket{one(3), one(5)}, "held to its end", "")
	if len(l.findings) != 2 {
		t.Fatalf("%d findings, want the leak and what goes elsewhere: %+v", len(l.findings), l.findings)
	}
	if f := l.findings[0]; f.Rule != "b" || len(f.Sockets) != 5 || f.Summary != "holds 5 sockets" {
		t.Errorf("%s, %d sockets: %q", f.Rule, len(f.Sockets), f.Summary)
	}
}
