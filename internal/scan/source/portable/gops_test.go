package portable

import (
	"context"
	"io"
	"net"
	"os"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// A listener and a connection in CLOSE_WAIT, as gopsutil sees them.
func TestSockets(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	c.Close()
	if _, err := io.ReadAll(a); err != nil { // the FIN has arrived
		t.Fatal(err)
	}
	seen := map[socket.State]socket.Socket{}
	err = Sockets(context.Background(), &socket.Process{ID: socket.ProcessID{PID: os.Getpid()}}, func(_ int32, s *socket.Socket) {
		if s.IsTCP() && s.Local.String() == l.Addr().String() {
			seen[s.State] = *s
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := seen[socket.Listen]; !ok || s.Remote.IsValid() || s.Has(socket.HasQueues) {
		t.Errorf("listener: %+v", s)
	}
	if s, ok := seen[socket.CloseWait]; !ok || s.Remote.String() != c.LocalAddr().String() || s.Presence != socket.InTable {
		t.Errorf("connection: %+v", s)
	}
}

func TestParseState(t *testing.T) {
	for name, want := range map[string]socket.State{
		"ESTABLISHED": socket.Established, "CLOSE_WAIT": socket.CloseWait, "FIN_WAIT1": socket.FinWait1,
		"FIN_WAIT_2": socket.FinWait2, "SYN_RECEIVED": socket.SynRecv, "NONE": socket.Close, "": socket.Close,
		"DELETE": socket.StateUnknown,
	} {
		if got := parseState(name); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
}
