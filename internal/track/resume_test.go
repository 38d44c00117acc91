package track

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/socket"
)

var (
	dawn = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	api  = socket.ProcessID{PID: 42, Start: 7}
	db   = netip.MustParseAddrPort("10.0.0.5:5432")
)

// snapshot has one process with n sockets in CLOSE_WAIT: cookies 1 to n.
func snapshot(at time.Time, boot string, p socket.ProcessID, n int) *socket.Snapshot {
	s := &socket.Snapshot{Taken: at, BootID: boot, Processes: []socket.Process{{
		ID: p, Name: "api", Started: dawn.Add(-time.Hour), FDs: n + 3, FDLimit: 1024, Target: true}}}
	for i := range n {
		s.Sockets = append(s.Sockets, &socket.Socket{NetNS: 1, Cookie: uint64(i + 1), Family: socket.IPv4,
			Protocol: socket.TCP, State: socket.CloseWait, Facts: socket.HasState | socket.HasQueues, Remote: db,
			Holders: []socket.Holder{{Process: p, FD: int32(i + 3)}}})
	}
	return s
}

// next is one run of a cron job: what it remembers goes through JSON.
func next(t *testing.T, m *Memory, s *socket.Snapshot) (*History, *Memory) {
	t.Helper()
	h := Resume(m)
	h.Add(s)
	raw, err := json.Marshal(h.Memory())
	if err != nil {
		t.Fatal(err)
	}
	back := new(Memory)
	if err := json.Unmarshal(raw, back); err != nil {
		t.Fatal(err)
	}
	return h, back
}

func TestAgesAcrossRuns(t *testing.T) {
	var m *Memory
	var h *History
	for run := range 24 { // two hours, one more socket in each run
		h, m = next(t, m, snapshot(dawn.Add(time.Duration(run)*5*time.Minute), "b", api, run+1))
	}
	s := h.Now().Sockets
	if got, want := h.Age(s[0]).AtLeast, 115*time.Minute; got != want {
		t.Errorf("the oldest is %s old, want %s", got, want)
	}
	if got := h.Age(s[23]).AtLeast; got != 0 {
		t.Errorf("the newest is %s old", got)
	}
	if k := h.Track(s[0]); k.Looks != 24 || !k.First.Equal(dawn) {
		t.Errorf("track of the oldest: %+v", k)
	}
	if l := h.Looks(); len(l) != 24 || l[23].New != 1 || l[23].Gone != 0 || h.Window() != 115*time.Minute {
		t.Errorf("looks: %+v", l)
	}
	trend := GrowthOf(h.Process(api).FDs)
	if want := 1.0 / 300; !trend.Growing || trend.Rate < want*0.99 || trend.Rate > want*1.01 {
		t.Errorf("descriptors grow by %v/s, want %v", trend.Rate, want)
	}
}

func TestWhatBeginsAnew(t *testing.T) {
	_, m := next(t, nil, snapshot(dawn, "b", api, 3))
	later := dawn.Add(time.Hour)
	for _, c := range []struct {
		name string
		now  *socket.Snapshot
		old  bool
	}{
		{"nothing changed", snapshot(later, "b", api, 3), true},
		{"reboot", snapshot(later, "c", api, 3), false},
		{"boot id not known", snapshot(later, "", api, 3), false},
		{"process restarted", snapshot(later, "b", socket.ProcessID{PID: 42, Start: 8}, 3), false},
	} {
		h, _ := next(t, m, c.now)
		if got := h.Age(h.Now().Sockets[0]).AtLeast; got != 0 != c.old {
			t.Errorf("%s: age %s", c.name, got)
		}
	}
	other := *m
	other.Version++
	if h, _ := next(t, &other, snapshot(later, "b", api, 3)); h.Age(h.Now().Sockets[0]).AtLeast != 0 {
		t.Error("a memory of another version was read")
	}
}

func TestStateChangeBetweenRuns(t *testing.T) {
	first := snapshot(dawn, "b", api, 1)
	first.Sockets[0].State = socket.Established
	_, m := next(t, nil, first)
	_, m = next(t, m, snapshot(dawn.Add(time.Hour), "b", api, 1))
	h, _ := next(t, m, snapshot(dawn.Add(90*time.Minute), "b", api, 1))
	k := h.Track(h.Now().Sockets[0])
	if !k.First.Equal(dawn) || h.Age(h.Now().Sockets[0]).AtLeast != 30*time.Minute {
		t.Errorf("first seen %s, in its state for %s", k.First, h.Age(h.Now().Sockets[0]).AtLeast)
	}
}

// The clock is set back or forth between two runs ten minutes apart. The
// start time of the process moves with it, and gives it away.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{0, -3 * time.Hour, -30 * 365 * 24 * time.Hour, 56 * 365 * 24 * time.Hour, 5 * time.Minute} {
		_, m := next(t, nil, snapshot(dawn, "b", api, 2))
		now := snapshot(dawn.Add(10*time.Minute+jump), "b", api, 2)
		now.Processes[0].Started = now.Processes[0].Started.Add(jump)
		h, m := next(t, m, now)
		if got := h.Age(now.Sockets[0]).AtLeast; got != 10*time.Minute {
			t.Errorf("jump of %s: age %s", jump, got)
		}
		if h.Window() != 10*time.Minute {
			t.Errorf("jump of %s: window %s", jump, h.Window())
		}
		again := snapshot(now.Taken.Add(time.Minute), "b", api, 2)
		again.Processes[0].Started = now.Processes[0].Started
		if h, _ = next(t, m, again); h.Age(again.Sockets[0]).AtLeast != 11*time.Minute {
			t.Errorf("jump of %s, next run: age %s", jump, h.Age(again.Sockets[0]).AtLeast)
		}
	}
}

// Where no start time gives it away, a clock that went back must still give
// no negative age and no panic.
func TestClockWentBackUnseen(t *testing.T) {
	var m *Memory
	for i := range 10 {
		_, m = next(t, m, snapshot(dawn.Add(time.Duration(i)*time.Minute), "b", api, i+2))
	}
	now := snapshot(dawn.Add(-24*time.Hour), "b", api, 2)
	now.Processes[0].Started = time.Time{}
	h, _ := next(t, m, now)
	if got := h.Age(now.Sockets[0]).AtLeast; got != 9*time.Minute {
		t.Errorf("age %s, want the 9m that were seen before", got)
	}
	GrowthOf(h.Process(api).FDs)
	if h.Window() < 0 {
		t.Errorf("window %s", h.Window())
	}
}

func TestMemoryIsBounded(t *testing.T) {
	h := NewHistory()
	for i := range 2 * maxRemembered {
		h.Add(snapshot(dawn.Add(time.Duration(i)*time.Second), "b", api, 5))
	}
	m := h.Memory()
	if len(m.Looks) != maxRemembered || len(m.Processes[0].FDs) != maxRemembered {
		t.Errorf("%d looks, %d points", len(m.Looks), len(m.Processes[0].FDs))
	}
	one := NewHistory()
	one.Add(snapshot(dawn, "b", api, MaxSockets+3))
	if m := one.Memory(); len(m.Sockets) != MaxSockets || m.Forgotten != 3 {
		t.Errorf("%d sockets, %d forgotten", len(m.Sockets), m.Forgotten)
	}
}

// A single look builds no tracks. Remembering it must not change that.
func TestMemoryOfOneLook(t *testing.T) {
	h := NewHistory()
	if h.Memory() != nil {
		t.Error("remembers something before the first look")
	}
	h.Add(snapshot(dawn, "b", api, 2))
	first := h.Memory()
	if len(first.Sockets) != 2 || h.Track(h.Now().Sockets[0]) != nil {
		t.Errorf("memory: %+v", first)
	}
	h.Add(snapshot(dawn.Add(time.Second), "b", api, 2))
	if k := h.Track(h.Now().Sockets[0]); k == nil || k.Looks != 2 {
		t.Errorf("track: %+v", k)
	}
	again := NewHistory()
	again.Add(snapshot(dawn, "b", api, 2))
	if d := cmp.Diff(first, again.Memory()); d != "" {
		t.Errorf("the same look gives another memory:\n%s", d)
	}
}

func FuzzResume(f *testing.F) {
	h := NewHistory()
	h.Add(snapshot(dawn, "b", api, 2))
	raw, err := json.Marshal(h.Memory())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"version":1,"boot_id":"b","looks":[{"at_ms":-9223372036854775808}],"processes":[{"fds":[[9,1],[3,2]]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := new(Memory)
		if json.Unmarshal(raw, m) != nil {
			return
		}
		h := Resume(m)
		now := snapshot(dawn.Add(time.Hour), "b", api, 2)
		h.Add(now)
		for _, s := range now.Sockets {
			if age := h.Age(s); age.AtLeast < 0 || h.Idle(s) < 0 {
				t.Errorf("age %+v, idle %s", age, h.Idle(s))
			}
		}
		GrowthOf(h.Process(api).FDs)
		h.Memory()
	})
}

// TestClosingsAcrossRuns: what a program closes between two runs of a cron job
// counts as what it closes between two looks: a pool that renews its
// connections must not look like one that keeps them all.
func TestClosingsAcrossRuns(t *testing.T) {
	pool := Population{Program: Program{Name: "api"}, Family: socket.IPv4, Protocol: socket.TCP, Role: Opened}
	var m *Memory
	var h *History
	for run := range 6 { // every run finds three other connections, used since
		s := snapshot(dawn.Add(time.Duration(run)*5*time.Minute), "b", api, 4)
		s.Processes[0].Threads = 7 + run
		for i, sock := range s.Sockets[1:] {
			sock.Cookie = uint64(100 + 10*run + i)
		}
		s.Sockets[0].Facts |= socket.HasTCPInfo
		s.Sockets[0].TCP.BytesReceived = uint64(run * 1000)
		h, m = next(t, m, s)
	}
	if c := h.Closings(pool, socket.CloseWait); c.Count != 15 {
		t.Errorf("closed: %+v, want 15", c)
	}
	if got := h.Process(api).ThreadsFirst; got != 7 {
		t.Errorf("%d threads at first, want 7", got)
	}
	if len(m.Closings) != 1 || m.Closings[0].Count != 15 || m.Closings[0].Program != "api" {
		t.Errorf("memory: %+v", m.Closings)
	}
	// The process ends with all its sockets: it has closed none of them.
	other := snapshot(dawn.Add(time.Hour), "b", socket.ProcessID{PID: 42, Start: 9}, 0)
	h, m = next(t, m, other)
	if c := h.Closings(pool, socket.CloseWait); c.Count != 15 {
		t.Errorf("after the end of the process: %+v", c)
	}
	other.Processes[0].Name, other.Taken = "web", other.Taken.Add(time.Minute)
	if _, m = next(t, m, other); len(m.Closings) != 0 {
		t.Errorf("the closings of a program that runs no more are kept: %+v", m.Closings)
	}
}

// TestUsesAcrossRuns: a connection that is used between runs is used again.
func TestUsesAcrossRuns(t *testing.T) {
	var m *Memory
	var h *History
	for run, received := range []uint64{100, 100, 900, 900, 5000, 5000} {
		s := snapshot(dawn.Add(time.Duration(run)*5*time.Minute), "b", api, 1)
		s.Sockets[0].Facts |= socket.HasTCPInfo
		s.Sockets[0].TCP.BytesReceived = received
		h, m = next(t, m, s)
	}
	if k := h.Track(h.Now().Sockets[0]); k.Uses != 2 {
		t.Errorf("used %d times after it was left, want 2", k.Uses)
	}
}

// TestClosingsAreBounded: beyond the bound nothing is convicted for want of
// memory.
func TestClosingsAreBounded(t *testing.T) {
	h := NewHistory()
	h.Add(snapshot(dawn, "b", api, 1))
	for i := range 2 * maxClosings {
		h.close(Population{Program: Program{Name: "api"}, Family: socket.Family(i % 200), Type: socket.Type(i / 200)}, socket.Established, 0, 0)
	}
	if len(h.closings) > maxClosings {
		t.Errorf("%d are kept", len(h.closings))
	}
	if c := h.Closings(Population{Program: Program{Name: "other"}}, socket.Established); c.Count == 0 || c.LongestIdle < 24*time.Hour {
		t.Errorf("what was not remembered convicts: %+v", c)
	}
	h = NewHistory()
	h.Add(snapshot(dawn, "b", api, 1))
	for i := range 2 * maxClosings { // programs that have ended make room
		h.close(Population{Program: Program{Name: string(rune(i + 0x4e00))}}, socket.Established, 0, 0)
	}
	if h.closingsFull {
		t.Error("programs that have ended fill the memory")
	}
}
