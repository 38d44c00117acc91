package check_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/settings"
	"github.com/sockleak/sockleak/internal/socket"
)

func same(s string) string { return s }

func anyRule(string) bool { return true }

func TestBaselineRoundTrip(t *testing.T) {
	p := socket.ProcessID{PID: 42, Start: 7}
	snap := &socket.Snapshot{Processes: []socket.Process{{ID: p, Name: "api: x\n# y"}}}
	old := []leak.Finding{
		{Rule: "b", Level: leak.Leak, Process: p, Summary: "holds 3\n- rule: z"},
		{Rule: "a", Level: leak.Suspect, Process: p, Remote: netip.MustParseAddrPort("192.0.2.1:443")},
		{Rule: "a", Level: leak.Suspect, Process: p, Remote: netip.MustParseAddrPort("192.0.2.1:443")},
		{Rule: "c", Level: leak.Note, Process: p},
	}
	written := check.Baseline(old, snap, nil, same)
	written[0].Reason, written[0].Until = "ticket: 7 # soon", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	var file bytes.Buffer
	if err := settings.WriteBaseline(&file, written); err != nil {
		t.Fatal(err)
	}
	read, err := settings.Parse(file.Bytes(), "f", anyRule)
	if err != nil {
		t.Fatalf("%v in\n%s", err, &file)
	}
	if len(read.Ignores) != 2 {
		t.Fatalf("%d entries, want 2: one for each fingerprint, none for a note\n%s", len(read.Ignores), &file)
	}
	for i := range read.Ignores {
		got := read.Ignores[i]
		got.From, got.At, got.Summary = "", nil, written[i].Summary
		if diff := cmp.Diff(written[i], got); diff != "" {
			t.Errorf("written and read differ:\n%s\n%s", diff, &file)
		}
	}

	// The next run: another pid, another count, one fixed, one new.
	p2 := socket.ProcessID{PID: 4711, Start: 9}
	snap = &socket.Snapshot{Processes: []socket.Process{{ID: p2, Name: "api: x\n# y"}}}
	now := []leak.Finding{
		{Rule: "b", Level: leak.Leak, Process: p2, Summary: "holds 5"},
		{Rule: "d", Level: leak.Leak, Process: p2},
	}
	f := leak.Filter{Ignores: read.Ignores, Several: 3}
	fresh, left := f.Apply(snap, nil, now)
	if len(fresh) != 1 || fresh[0].Rule != "d" {
		t.Errorf("new: %+v, want rule d", fresh)
	}
	if len(left.Ignored) != 1 || left.Ignored[0].Ignore.Rule != "b" {
		t.Errorf("known: %+v, want rule b", left.Ignored)
	}
	if len(left.Unused) != 1 || left.Unused[0].Rule != "a" {
		t.Errorf("unused: %+v, want rule a", left.Unused)
	}
}

// TestBaselineEnds: an entry accepts no more than about what it has seen, and
// not longer than it says.
func TestBaselineEnds(t *testing.T) {
	p := socket.ProcessID{PID: 42, Start: 7}
	snap := &socket.Snapshot{Taken: time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC), Processes: []socket.Process{{ID: p, Name: "api"}}}
	found := func(n int) []leak.Finding {
		f := leak.Finding{Rule: "a", Level: leak.Leak, Process: p, Summary: "holds"}
		for i := range n {
			f.Sockets = append(f.Sockets, &socket.Socket{Inode: uint64(i + 1), Family: socket.IPv4, Protocol: socket.TCP})
		}
		return []leak.Finding{f}
	}
	july := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for i, tc := range []struct {
		accepted, now int
		until         time.Time
		fails         bool
	}{
		{3, 3, time.Time{}, false}, {3, 1, time.Time{}, false}, {3, 5, time.Time{}, false}, {3, 6, time.Time{}, true}, {3, 60, time.Time{}, true},
		{1, 3, time.Time{}, false}, {1, 4, time.Time{}, true}, {50, 99, time.Time{}, false}, {50, 100, time.Time{}, true},
		{3, 3, july, false}, {3, 3, july.AddDate(0, 0, -1), true},
	} {
		list := check.Baseline(found(tc.accepted), snap, nil, same)
		list[0].Until, list[0].Reason = tc.until, "ticket 7"
		f := leak.Filter{Ignores: list, Several: 3}
		fresh, _ := f.Apply(snap, nil, found(tc.now))
		if (len(fresh) > 0) != tc.fails {
			t.Errorf("case %d %+v: fresh %+v", i, tc, fresh)
		}
		again := check.Baseline(found(tc.now), snap, list, same)
		if e := again[0]; e.Reason != "ticket 7" || e.Until != tc.until || e.Sockets != tc.now {
			t.Errorf("case %d: written again as %+v", i, e)
		}
	}
}
