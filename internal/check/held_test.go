package check

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
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
