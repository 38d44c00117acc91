package socket

import (
	"net/netip"
	"testing"
)

func TestStateNamesRoundTrip(t *testing.T) {
	for s := StateUnknown; s <= BoundInactive; s++ {
		got, ok := ParseState(s.String())
		if !ok || got != s {
			t.Errorf("ParseState(%q) = %v, %v; want %v", s.String(), got, ok, s)
		}
	}
	if _, ok := ParseState("close_wait"); ok {
		t.Error("ParseState accepted a name that String never prints")
	}
	if got := State(200).String(); got != "UNKNOWN" {
		t.Errorf("State(200) = %q", got)
	}
}

func TestStateSet(t *testing.T) {
	set := StateSet(CloseWait, Listen)
	if !set.Has(CloseWait) || !set.Has(Listen) || set.Has(Established) {
		t.Errorf("set %b holds the wrong states", set)
	}
	// idiag_states is a bit mask by state number: CLOSE_WAIT is bit 8.
	if StateSet(CloseWait) != 1<<8 {
		t.Errorf("CLOSE_WAIT is bit %b", StateSet(CloseWait))
	}
}

func TestIDPrefersTheCookie(t *testing.T) {
	a := Socket{NetNS: 1, Cookie: 7, Inode: 9}
	b := Socket{NetNS: 1, Cookie: 7, Inode: 0} // same socket, seen without its file
	if a.ID() != b.ID() {
		t.Error("the cookie alone should identify a socket")
	}
	c := Socket{NetNS: 1, Inode: 9}
	if a.ID() == c.ID() {
		t.Error("a socket without a cookie cannot be known to be the same")
	}
}

func TestProto(t *testing.T) {
	for _, tc := range []struct {
		s    Socket
		want string
	}{
		{Socket{Family: IPv4, Type: Stream, Protocol: TCP}, "tcp"},
		{Socket{Family: IPv6, Type: Stream, Protocol: MPTCP}, "mptcp"},
		{Socket{Family: IPv4, Type: Raw, Protocol: ICMP}, "raw"},
		{Socket{Family: Unix}, "unix"},
		{Socket{ProtoName: "XDP"}, "XDP"},
		{Socket{Family: 99}, "af-99"},
	} {
		if got := tc.s.Proto(); got != tc.want {
			t.Errorf("%+v: got %q, want %q", tc.s, got, tc.want)
		}
	}
}

func TestSortIsTotal(t *testing.T) {
	addr := netip.MustParseAddrPort
	a := &Socket{Family: IPv4, State: CloseWait, Local: addr("127.0.0.1:1"), Inode: 2}
	b := &Socket{Family: IPv4, State: CloseWait, Local: addr("127.0.0.1:1"), Inode: 3}
	c := &Socket{Family: IPv4, State: Established, Local: addr("127.0.0.1:1"), Inode: 1}
	for _, in := range [][]*Socket{{a, b, c}, {c, b, a}, {b, c, a}} {
		Sort(in)
		if in[0] != c || in[1] != a || in[2] != b {
			t.Fatalf("order depends on the input: %v %v %v", in[0].Inode, in[1].Inode, in[2].Inode)
		}
	}
}

func TestPresenceIdentified(t *testing.T) {
	for p, want := range map[Presence]bool{
		PresenceUnknown: false, InTable: true, Unattached: true, Bound: true, Reset: true,
		ConnectFailed: true, Finished: true, OtherNetNS: false, NotDumpable: false, NotInTable: false,
	} {
		if p.Identified() != want {
			t.Errorf("%v: Identified = %v", p, !want)
		}
		if p.String() == "" {
			t.Errorf("presence %d has no words", p)
		}
	}
}

func TestProcessTellsReusedPidsApart(t *testing.T) {
	a, b, c := ProcessID{1, 10}, ProcessID{1, 20}, ProcessID{7, 30}
	snap := Snapshot{Processes: []Process{{ID: a}, {ID: b}, {ID: c}}}
	for _, id := range []ProcessID{a, b, c} {
		if p := snap.Process(id); p == nil || p.ID != id {
			t.Errorf("Process(%v) = %v", id, p)
		}
	}
	for _, id := range []ProcessID{{1, 30}, {2, 10}, {8, 1}, {}} {
		if p := snap.Process(id); p != nil {
			t.Errorf("Process(%v) = %v, want nil", id, p.ID)
		}
	}
}

// A socket with a million descriptors takes the memory of a thousand; the
// number of each process's stays true.
func TestAddHolder(t *testing.T) {
	var s Socket
	told := 0
	const processes, each = 3, 5000
	for pid := 1; pid <= processes; pid++ {
		for fd := range int32(each) {
			if s.AddHolder(Holder{Process: ProcessID{PID: pid}, FD: fd}) {
				told++
			}
		}
	}
	if len(s.Holders) != told || told > MaxHolders+processes {
		t.Errorf("%d holders, %d told apart", len(s.Holders), told)
	}
	count := map[int]int{}
	for _, h := range s.Holders {
		count[h.Process.PID] += 1 + int(h.More)
	}
	for pid := 1; pid <= processes; pid++ {
		if count[pid] != each {
			t.Errorf("pid %d: %d descriptors, want %d", pid, count[pid], each)
		}
	}
}

// Where a source knows neither inodes nor addresses, descriptors tell sockets
// apart: thousands of them are not one.
func TestIDWithoutInode(t *testing.T) {
	ids := map[ID]bool{}
	for pid := 1; pid <= 3; pid++ {
		for fd := range int32(1000) {
			s := Socket{Family: Unix, Holders: []Holder{{Process: ProcessID{PID: pid, Start: 7}, FD: fd}}}
			ids[s.ID()] = true
		}
	}
	if len(ids) != 3000 {
		t.Errorf("%d identities of 3000 sockets", len(ids))
	}
}
