package check_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

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
	written := check.NewKnown(old, snap, same)
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
	fresh, known, unused := read.Split(now, snap)
	if len(fresh) != 1 || fresh[0].Rule != "d" {
		t.Errorf("new: %+v, want rule d", fresh)
	}
	if len(known) != 1 || known[0].Rule != "b" {
		t.Errorf("known: %+v, want rule b", known)
	}
	if len(unused) != 1 || unused[0].Rule != "a" {
		t.Errorf("unused: %+v, want rule a", unused)
	}
}

func TestReadKnownRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ text, why string }{
		"another version": {"version: 2\nfuture: true\n", "version 2"},
		"no version":      {"findings: []\n", "no version"},
		"empty":           {"", "no version"},
		"not yaml":        {"\t{", "not a baseline file"},
		"a list":          {"- 1\n", "not a baseline file"},
		"unknown field":   {"version: 1\nfindigns: []\n", "findigns"},
		"no fingerprint":  {"version: 1\nfindings:\n  - rule: a\n", "entry 1 has no fingerprint"},
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
	f.Add("version: 1\nfindings:\n  - fingerprint: 0011\n    rule: a\n")
	f.Add("version: 1\n")
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
