package check_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func same(s string) string { return s }

func TestKnownRoundTrip(t *testing.T) {
	p := socket.ProcessID{PID: 42, Start: 7}
	snap := &socket.Snapshot{Processes: []socket.Process{{ID: p, Name: "api: x\n# y"}}}
	old := []leak.Finding{
		{Rule: "b", Level: leak.Leak, Process: p, Summary: "holds 3"},
		{Rule: "a", Level: leak.Suspect, Process: p, Remote: netip.MustParseAddrPort("192.0.2.1:443")},
		{Rule: "a", Level: leak.Suspect, Process: p, Remote: netip.MustParseAddrPort("192.0.2.1:443")},
		{Rule: "c", Level: leak.Note, Process: p},
	}
	var file bytes.Buffer
	written := check.NewKnown(old, snap, nil, same)
	if err := written.Write(&file); err != nil {
		t.Fatal(err)
	}
	read, err := check.ReadKnown(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, &file)
	}
	if diff := cmp.Diff(written, read); diff != "" {
		t.Errorf("written and read differ:\n%s", diff)
	}
	if len(read.Findings) != 2 {
		t.Errorf("%d entries, want 2: one for each fingerprint, none for a note", len(read.Findings))
	}

	// The next run: another pid, another count, one fixed, one new.
	p2 := socket.ProcessID{PID: 4711, Start: 9}
	snap = &socket.Snapshot{Processes: []socket.Process{{ID: p2, Name: "api: x\n# y"}}}
	now := []leak.Finding{
		{Rule: "b", Level: leak.Leak, Process: p2, Summary: "holds 5"},
		{Rule: "d", Level: leak.Leak, Process: p2},
	}
	parted := read.Split(now, snap, 3)
	if len(parted.Fresh) != 1 || parted.Fresh[0].Rule != "d" {
		t.Errorf("new: %+v, want rule d", parted.Fresh)
	}
	if len(parted.Known) != 1 || parted.Known[0].Rule != "b" {
		t.Errorf("known: %+v, want rule b", parted.Known)
	}
	if len(parted.Unused) != 1 || parted.Unused[0].Rule != "a" {
		t.Errorf("unused: %+v, want rule a", parted.Unused)
	}
}

// TestKnownEnds: an entry accepts no more than about what it has seen, and not
// longer than it says.
func TestKnownEnds(t *testing.T) {
	p := socket.ProcessID{PID: 42, Start: 7}
	snap := &socket.Snapshot{Taken: time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC), Processes: []socket.Process{{ID: p, Name: "api"}}}
	found := func(n int) []leak.Finding {
		f := leak.Finding{Rule: "a", Level: leak.Leak, Process: p, Summary: "holds"}
		for i := range n {
			f.Sockets = append(f.Sockets, &socket.Socket{Inode: uint64(i + 1), Family: socket.IPv4, Protocol: socket.TCP})
		}
		return []leak.Finding{f}
	}
	for i, tc := range []struct {
		accepted, now int
		until         string
		fails         bool
	}{
		{3, 3, "", false}, {3, 1, "", false}, {3, 5, "", false}, {3, 6, "", true}, {3, 60, "", true},
		{1, 3, "", false}, {1, 4, "", true}, {50, 99, "", false}, {50, 100, "", true},
		{3, 3, "2026-06-30", false}, {3, 3, "2026-06-29", true},
	} {
		k := check.NewKnown(found(tc.accepted), snap, nil, same)
		k.Findings[0].Until, k.Findings[0].Reason = tc.until, "ticket 7"
		parted := k.Split(found(tc.now), snap, 3)
		if (len(parted.Fresh) == 1) != tc.fails {
			t.Errorf("case %d %+v: fresh %d, known %d", i, tc, len(parted.Fresh), len(parted.Known))
		}
		again := check.NewKnown(found(tc.now), snap, k, same)
		if e := again.Findings[0]; e.Reason != "ticket 7" || e.Until != tc.until || e.Sockets != tc.now {
			t.Errorf("case %d: written again as %+v", i, e)
		}
	}
}

func TestReadKnownRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ text, why string }{
		"another version": {"version: 3\nfuture: true\n", "version 3"},
		"no version":      {"findings: []\n", "no version"},
		"empty":           {"", "no version"},
		"not yaml":        {"\t{", "not a baseline file"},
		"a list":          {"- 1\n", "not a baseline file"},
		"unknown field":   {"version: 2\nfindigns: []\n", "findigns"},
		"no fingerprint":  {"version: 2\nfindings:\n  - rule: a\n", "entry 1 has no fingerprint"},
		"no date":         {"version: 2\nfindings:\n  - fingerprint: aa\n    until: soon\n", "not a date"},
		"no number":       {"version: 2\nfindings:\n  - fingerprint: aa\n    sockets: -1\n", "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := check.ReadKnown(strings.NewReader(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.why) {
				t.Errorf("error %v, want one that says %q", err, tc.why)
			}
			if name == "another version" && !errors.Is(err, check.ErrKnownVersion) {
				t.Errorf("%v is not ErrKnownVersion", err)
			}
		})
	}
}

func FuzzReadKnown(f *testing.F) {
	f.Add("version: 2\nfindings:\n  - fingerprint: 0011\n    rule: a\n")
	f.Add("version: 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := check.ReadKnown(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := k.Write(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := check.ReadKnown(&b); err != nil {
			t.Errorf("cannot read what was written: %v", err)
		}
	})
}
