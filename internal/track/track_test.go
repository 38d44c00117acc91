package track

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// after returns a history of looks, one every second; change makes the i-th
// snapshot, which begins with one socket in CLOSE_WAIT, what it is.
func after(n int, change func(i int, s *socket.Snapshot)) *History {
	h := NewHistory()
	for i := range n {
		s := snapshot(dawn.Add(time.Duration(i)*time.Second), "b", api, 1)
		change(i, s)
		h.Add(s)
	}
	return h
}

func TestKernelAge(t *testing.T) {
	ns := socket.Namespace{ID: 1, FinTimeout: 60 * time.Second}
	info := socket.TCPInfo{LastAckRecv: 20 * time.Second, LastDataRecv: 50 * time.Second}
	all := socket.HasState | socket.HasTimer | socket.HasTCPInfo
	timeWait := socket.Timer{Kind: socket.TimeWaitTimer, Expires: 45 * time.Second}
	for _, c := range []struct {
		name string
		s    socket.Socket
		want Age
	}{
		{"CLOSE_WAIT lies between ack and data", socket.Socket{State: socket.CloseWait, Facts: all, TCP: info},
			Age{20 * time.Second, 50 * time.Second, true}},
		{"CLOSE_WAIT, the FIN carried data", socket.Socket{State: socket.CloseWait, Facts: all,
			TCP: socket.TCPInfo{LastAckRecv: 20 * time.Second, LastDataRecv: time.Second}}, Age{20 * time.Second, 20 * time.Second, true}},
		{"CLOSE_WAIT without tcp_info", socket.Socket{State: socket.CloseWait, Facts: socket.HasState, TCP: info}, Age{}},
		{"FIN_WAIT2 held", socket.Socket{State: socket.FinWait2, Inode: 7, Facts: all, TCP: info}, Age{AtLeast: 20 * time.Second}},
		{"FIN_WAIT2 orphan", socket.Socket{State: socket.FinWait2, Facts: all, Timer: timeWait}, Age{15 * time.Second, 15 * time.Second, true}},
		{"TIME_WAIT", socket.Socket{State: socket.TimeWait, Facts: all, Timer: timeWait}, Age{15 * time.Second, 15 * time.Second, true}},
		{"TIME_WAIT, about to end", socket.Socket{State: socket.TimeWait, Facts: all,
			Timer: socket.Timer{Kind: socket.TimeWaitTimer, Expires: -time.Millisecond}}, Age{60*time.Second + time.Millisecond, 60*time.Second + time.Millisecond, true}},
		{"TIME_WAIT, longer than it lasts", socket.Socket{State: socket.TimeWait, Facts: all,
			Timer: socket.Timer{Kind: socket.TimeWaitTimer, Expires: time.Hour}}, Age{0, 0, true}},
		{"ESTABLISHED has no age", socket.Socket{State: socket.Established, Facts: all, TCP: info}, Age{}},
		{"never connected: the fields are garbage", socket.Socket{State: socket.Close, Facts: all, TCP: info}, Age{}},
	} {
		h := NewHistory()
		c.s.NetNS, c.s.Cookie = 1, 5
		h.Add(&socket.Snapshot{Taken: dawn, Namespaces: []socket.Namespace{ns}, Sockets: []*socket.Socket{&c.s}})
		if got := h.Age(&c.s); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestAgeIsTheLargerOfKernelAndSeen(t *testing.T) {
	byKernel := func(d time.Duration) func(int, *socket.Snapshot) {
		return func(_ int, s *socket.Snapshot) {
			s.Sockets[0].Facts |= socket.HasTCPInfo
			s.Sockets[0].TCP.LastAckRecv, s.Sockets[0].TCP.LastDataRecv = d, d
		}
	}
	h := after(11, byKernel(3*time.Second)) // keepalive makes the kernel's bound young
	if got := h.Age(h.Now().Sockets[0]); got.AtLeast != 10*time.Second || got.AtMost < got.AtLeast {
		t.Errorf("seen for 10 s: %+v", got)
	}
	h = after(11, byKernel(time.Hour))
	if got := h.Age(h.Now().Sockets[0]); got.AtLeast != time.Hour {
		t.Errorf("an hour by the kernel: %+v", got)
	}
}

func TestAgeBeginsWithTheState(t *testing.T) {
	h := after(11, func(i int, s *socket.Snapshot) {
		if i < 6 {
			s.Sockets[0].State = socket.Established
		}
	})
	s := h.Now().Sockets[0]
	if got := h.Age(s).AtLeast; got != 4*time.Second {
		t.Errorf("in its state for 4 s: %s", got)
	}
	if k := h.Track(s); k.Looks != 11 || !k.First.Equal(dawn) || k.NewSince(dawn) {
		t.Errorf("seen from the first look on: %+v", k)
	}
}

// TestReuse: an inode, a cookie or a pid that comes back is another one.
func TestReuse(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(i int, s *socket.Socket)
		same   bool
	}{
		{"the same socket", func(int, *socket.Socket) {}, true},
		{"the inode is not known for a moment", func(i int, s *socket.Socket) { s.Inode = uint64(i % 2) }, true},
		{"another cookie, the same inode", func(i int, s *socket.Socket) { s.Inode, s.Cookie = 9, uint64(100+i/5) }, false},
		{"the same cookie in another namespace", func(i int, s *socket.Socket) { s.NetNS = uint64(1 + i/5) }, false},
		{"no cookie, another inode", func(i int, s *socket.Socket) { s.Cookie, s.Inode = 0, uint64(100+i/5) }, false},
	} {
		h := after(10, func(i int, s *socket.Snapshot) { c.change(i, s.Sockets[0]) })
		want := 4 * time.Second
		if c.same {
			want = 9 * time.Second
		}
		if got := h.Age(h.Now().Sockets[0]).AtLeast; got != want {
			t.Errorf("%s: age %s, want %s", c.name, got, want)
		}
	}
	h := after(10, func(i int, s *socket.Snapshot) {
		id := socket.ProcessID{PID: api.PID, Start: uint64(7 + i/5)}
		s.Processes[0].ID, s.Sockets[0].Holders[0].Process = id, id
	})
	p := h.Process(h.Now().Processes[0].ID)
	if len(p.FDs) != 5 || !p.First.Equal(dawn.Add(5*time.Second)) {
		t.Errorf("a reused pid took over: %+v", p)
	}
}

func TestWhatALookMissedStartsAnew(t *testing.T) {
	h := after(10, func(i int, s *socket.Snapshot) {
		if i == 5 {
			s.Sockets = nil
		}
	})
	if got := h.Age(h.Now().Sockets[0]).AtLeast; got != 3*time.Second {
		t.Errorf("age %s", got)
	}
	l := h.Looks()
	if l[5].Gone != 1 || l[6].New != 1 || l[9].New+l[9].Gone != 0 {
		t.Errorf("looks: %+v", l)
	}
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(i int, s *socket.Socket)
		moves  bool
	}{
		{"nothing", func(int, *socket.Socket) {}, false},
		{"bytes received", func(i int, s *socket.Socket) { s.TCP.BytesReceived = uint64(i) }, true},
		{"bytes acknowledged", func(i int, s *socket.Socket) { s.TCP.BytesAcked = uint64(i) }, true},
		{"receive queue", func(i int, s *socket.Socket) { s.RecvQ = uint32(100 - i) }, true},
		{"send queue worked off", func(i int, s *socket.Socket) { s.SendQ = uint32(100 - i) }, true},
		{"send queue only grows", func(i int, s *socket.Socket) { s.SendQ = uint32(i) }, false},
		{"counters without tcp_info", func(i int, s *socket.Socket) { s.Facts = socket.HasState; s.TCP.BytesAcked = uint64(i) }, false},
	} {
		h := after(10, func(i int, s *socket.Snapshot) {
			s.Sockets[0].Facts |= socket.HasTCPInfo
			s.Sockets[0].TCP.LastDataRecv = time.Second
			c.change(i, s.Sockets[0])
		})
		k := h.Track(h.Now().Sockets[0])
		if k.Moved.IsZero() == c.moves {
			t.Errorf("%s: moved %v", c.name, k.Moved)
		}
		idle := h.Idle(h.Now().Sockets[0])
		if want := 9 * time.Second; !c.moves && idle != want {
			t.Errorf("%s: idle for %s, want %s", c.name, idle, want)
		} else if c.moves && idle > time.Second {
			t.Errorf("%s: idle for %s", c.name, idle)
		}
	}
}

// Neither the peer's end, nor that the program reads it, takes up a connection
// again; what it sends then does.
func TestTheEndIsNoUse(t *testing.T) {
	last := 6
	story := func(i int, snap *socket.Snapshot) {
		s := snap.Sockets[0]
		s.Facts |= socket.HasTCPInfo | socket.HasQueues
		s.State, s.TCP.BytesReceived = socket.Established, 100
		if i >= 3 {
			s.State, s.RecvQ, s.TCP.BytesReceived = socket.CloseWait, 1, 101
		}
		if i >= 5 {
			s.RecvQ = 0
		}
		if i >= 7 {
			s.TCP.BytesAcked = 500
		}
	}
	h := after(last, story)
	if k := h.Track(h.Now().Sockets[0]); k.Uses != 0 {
		t.Errorf("used %d times after the peer had closed", k.Uses)
	}
	h = after(last+2, story)
	if k := h.Track(h.Now().Sockets[0]); k.Uses != 1 {
		t.Errorf("used %d times; want 1, what it sent", k.Uses)
	}
}

// What a trace saw is exact, whatever the kernel's clocks bound.
func TestTracedAge(t *testing.T) {
	h := after(3, func(i int, s *socket.Snapshot) {
		s.Sockets[0].Facts |= socket.HasTCPInfo
		s.Sockets[0].TCP.LastDataRecv = time.Minute
		s.Sockets[0].Life = &socket.Life{StateSince: dawn.Add(-7 * time.Second)}
	})
	if got, want := h.Age(h.Now().Sockets[0]), (Age{9 * time.Second, 9 * time.Second, true}); got != want {
		t.Errorf("%+v; want %+v", got, want)
	}
}

func TestLoad(t *testing.T) {
	h := after(3, func(i int, s *socket.Snapshot) {
		s.Processes[0].CPU = []time.Duration{0, 900 * time.Millisecond, 1150 * time.Millisecond}[i]
	})
	if got, ok := h.Process(api).Load(); !ok || got != 0.25 {
		t.Errorf("a quarter of a core in the last second: %v %v", got, ok)
	}
	once := after(1, func(int, *socket.Snapshot) {})
	if _, ok := once.Process(api).Load(); ok {
		t.Error("one look cannot tell a load")
	}
	if _, ok := once.Process(socket.ProcessID{PID: 1}).Load(); ok {
		t.Error("a process that was never seen has no load")
	}
}

// TestHistoryIsBounded: memory follows what is open, not what was.
func TestHistoryIsBounded(t *testing.T) {
	h := NewHistory()
	for i := range 3 * maxPoints {
		s := snapshot(dawn.Add(time.Duration(i)*time.Second), "b", api, 3)
		for k, sock := range s.Sockets[1:] {
			sock.Cookie = uint64(1000 + 2*i + k)
		}
		h.Add(s)
	}
	if len(h.tracks) != 3 || len(h.procs) != 1 {
		t.Errorf("%d tracks and %d processes are kept", len(h.tracks), len(h.procs))
	}
	if n := len(h.Process(api).FDs); n > maxPoints {
		t.Errorf("%d points of a process", n)
	}
}

// TestReadAfter: how long data lay unread counts once the program has read on.
func TestReadAfter(t *testing.T) {
	for name, c := range map[string]struct {
		read func(i int) int // bytes that the program has read at the i-th look
		want time.Duration
	}{
		"never":         {func(int) int { return 0 }, 0},
		"always":        {func(i int) int { return 10 * i }, 0},
		"after a pause": {func(i int) int { return 10 * (i / 7) }, 6 * time.Second},
	} {
		h := after(12, func(i int, s *socket.Snapshot) {
			sock := s.Sockets[0]
			sock.State, sock.RecvQ = socket.Established, 50
			sock.Facts |= socket.HasTCPInfo | socket.HasQueues
			sock.TCP.BytesReceived = uint64(50 + c.read(i))
		})
		if got := h.Track(h.Now().Sockets[0]).ReadAfter(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
