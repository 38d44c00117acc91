//go:build linux

package sockdiag

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// The tests of this file and of facts_*_test.go show with real sockets what
// the rules take for granted about the kernel.

// tick is more than the resolution of the ages that the kernel gives
// (a jiffy, at most 10 ms).
const tick = 20 * time.Millisecond

func TestCloseWaitQueueCountsTheFIN(t *testing.T) {
	c := ownNet(t)
	for _, tc := range []struct {
		name  string
		sent  string
		reads []int // sizes of the buffers
		want  uint32
	}{
		{"EOF unread", "", nil, 1},
		{"EOF read", "", []int{1}, 0},
		{"data unread", "abc", nil, 4},
		{"data partly read", "abc", []int{2}, 2},
		{"data and EOF read", "abc", []int{3, 3}, 0},
		// A read of the last data takes the FIN along, and the program has
		// yet to be told of it: 0 does not prove that it knows. (Even without
		// room to spare, where the kernel has merged the two segments.)
		{"data read with room to spare", "abc", []int{16}, 0},
	} {
		client, server := pair(t, 0)
		if tc.sent != "" {
			write(t, client, tc.sent)
		}
		unix.Close(client)
		awaitState(t, c.tcp, inodeOf(t, server), socket.CloseWait)
		for _, size := range tc.reads {
			_, err := unix.Read(server, make([]byte, size))
			check(t, "read", err)
		}
		if s := one(t, c.tcp, inodeOf(t, server)); s.RecvQ != tc.want {
			t.Errorf("%s: receive queue %d, want %d", tc.name, s.RecvQ, tc.want)
		}
		unix.Close(server)
	}
}

func TestCloseWaitAge(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(server)
	write(t, client, "abc")
	time.Sleep(3 * tick)
	before := time.Now()
	unix.Close(client)
	after := time.Now()
	time.Sleep(3 * tick)
	asked := time.Now()
	s := awaitState(t, c.tcp, inodeOf(t, server), socket.CloseWait)
	atMost, atLeast := time.Since(before), asked.Sub(after)
	if !s.Has(socket.HasTCPInfo) {
		t.Fatal("no tcp_info")
	}
	if s.TCP.LastAckRecv > atMost+tick {
		t.Errorf("last ACK %v ago, in CLOSE_WAIT for %v at most", s.TCP.LastAckRecv, atMost)
	}
	if s.TCP.LastAckRecv < atLeast-tick {
		t.Errorf("last ACK %v ago, in CLOSE_WAIT for %v at least: the lower bound should be exact here", s.TCP.LastAckRecv, atLeast)
	}
	if s.TCP.LastDataRecv < atLeast+2*tick {
		t.Errorf("last data %v ago, long before CLOSE_WAIT, which has lasted for %v at least", s.TCP.LastDataRecv, atLeast)
	}
}

func TestHalfClosedByTheProgram(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(client)
	defer unix.Close(server)
	check(t, "shutdown", unix.Shutdown(client, unix.SHUT_WR))
	s := awaitState(t, c.tcp, inodeOf(t, client), socket.FinWait2)
	if s.Timer.Kind != socket.NoTimer || !s.Has(socket.HasTimer|socket.HasTCPInfo) {
		t.Errorf("held by the program: timer %+v, facts %b", s.Timer, s.Facts)
	}
}

// The kernel makes a small socket of an orphan in FIN_WAIT2 in close() itself,
// if the peer has acknowledged the FIN by then. An ACK that arrives while
// close() is about to return leaves a whole socket, which the keepalive timer
// ends (tcp_rcv_state_process in net/ipv4/tcp_input.c calls it a bad case).
func TestOrphanedFinWait2(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(server)
	addr := local(t, client)
	check(t, "shutdown", unix.Shutdown(client, unix.SHUT_WR))
	awaitState(t, c.tcp, inodeOf(t, client), socket.FinWait2)
	began := time.Now()
	unix.Close(client)
	s := await(t, c.tcp, "FIN_WAIT2 of a closed descriptor", func(s *socket.Socket) bool {
		return s.Local == addr && s.State == socket.FinWait2 && s.Inode == 0
	})
	checkMiniSocket(t, s, time.Since(began))
	if s.Remote != local(t, server) {
		t.Errorf("connected to %v, want %v", s.Remote, local(t, server))
	}
}

func TestTimeWaitAge(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	addr := local(t, client)
	began := time.Now()
	unix.Close(client)
	awaitState(t, c.tcp, inodeOf(t, server), socket.CloseWait)
	unix.Close(server)
	s := await(t, c.tcp, "TIME_WAIT", func(s *socket.Socket) bool { return s.Local == addr && s.State == socket.TimeWait })
	checkMiniSocket(t, s, time.Since(began))
}

// checkMiniSocket checks a socket that has only its timer left: it has no file
// and waits for 60 s (TCP_TIMEWAIT_LEN, and tcp_fin_timeout as it is in a new
// namespace), so that the rest of the wait gives its age.
func checkMiniSocket(t *testing.T, s socket.Socket, atMost time.Duration) {
	t.Helper()
	const wait = 60 * time.Second
	age := wait - s.Timer.Expires
	if s.Inode != 0 || s.Timer.Kind != socket.TimeWaitTimer || s.Has(socket.HasTCPInfo) {
		t.Errorf("%v: inode %d, timer %+v, facts %b", s.State, s.Inode, s.Timer, s.Facts)
	}
	if age < -tick || age > atMost+tick {
		t.Errorf("%v: age %v, at most %v", s.State, age, atMost)
	}
}

func TestAcceptQueue(t *testing.T) {
	c := ownNet(t)
	const backlog = 5
	l := listenTCP(t, 0, backlog)
	defer unix.Close(l)
	client := connectTo(t, l, 0)
	waiting := func(state socket.State) socket.Socket {
		return await(t, c.tcp, state.String()+" in the accept queue", func(s *socket.Socket) bool {
			return s.Local == local(t, l) && s.State == state
		})
	}
	if s := waiting(socket.Established); s.Inode != 0 || s.Remote != local(t, client) {
		t.Errorf("never accepted: inode %d, remote %v", s.Inode, s.Remote)
	}
	s := one(t, c.tcp, inodeOf(t, l))
	if s.State != socket.Listen || s.RecvQ != 1 || s.SendQ != backlog || s.Has(socket.HasTCPInfo) || s.Remote.IsValid() {
		t.Errorf("listener: %v, queue %d of %d, facts %b, remote %v", s.State, s.RecvQ, s.SendQ, s.Facts, s.Remote)
	}
	unix.Close(client)
	if s := waiting(socket.CloseWait); s.Inode != 0 {
		t.Errorf("never accepted and closed by the peer: inode %d", s.Inode)
	}
}

func TestSynSentRetransmits(t *testing.T) {
	c := ownNet(t)
	l := listenTCP(t, 0, 0) // takes one connection, then drops every SYN
	defer unix.Close(l)
	defer unix.Close(connectTo(t, l, 0))
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	defer unix.Close(fd)
	sa, err := unix.Getsockname(l)
	check(t, "getsockname", err)
	if err := unix.Connect(fd, sa); err != unix.EINPROGRESS {
		t.Fatalf("connect: %v", err)
	}
	s := awaitState(t, c.tcp, inodeOf(t, fd), socket.SynSent)
	if s.Timer.Kind != socket.Retransmit || s.Timer.Expires <= 0 || s.Remote != local(t, l) {
		t.Errorf("timer %+v, remote %v", s.Timer, s.Remote)
	}
}

func TestPersistTimer(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(client)
	defer unix.Close(server)
	check(t, "set non-blocking", unix.SetNonblock(client, true))
	for {
		if _, err := unix.Write(client, make([]byte, 1<<16)); err == unix.EAGAIN {
			break
		} else if err != nil {
			t.Fatalf("write: %v", err)
		}
	}
	s := await(t, c.tcp, "probing a zero window", func(s *socket.Socket) bool {
		return s.Inode == inodeOf(t, client) && s.Timer.Kind == socket.Persist
	})
	if s.SendQ == 0 {
		t.Error("nothing to send")
	}
	if r := one(t, c.tcp, inodeOf(t, server)); r.RecvQ == 0 || r.State != socket.Established {
		t.Errorf("the abandoned end: %v, receive queue %d", r.State, r.RecvQ)
	}
}

func TestKeepaliveTimer(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(client)
	defer unix.Close(server)
	if s := one(t, c.tcp, inodeOf(t, client)); s.Timer.Kind == socket.Keepalive {
		t.Errorf("keepalive that nobody asked for: %+v", s.Timer)
	}
	check(t, "SO_KEEPALIVE", unix.SetsockoptInt(client, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	check(t, "TCP_KEEPIDLE", unix.SetsockoptInt(client, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 600))
	s := one(t, c.tcp, inodeOf(t, client))
	if s.Timer.Kind != socket.Keepalive || s.Timer.Expires <= 500*time.Second || s.Timer.Expires > 600*time.Second {
		t.Errorf("timer %+v, want keepalive in at most 600 s", s.Timer)
	}
}
