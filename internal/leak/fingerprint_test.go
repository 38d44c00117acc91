package leak

import (
	"slices"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// from are sockets that were opened at a line of a function that begins at
// another; of 0 it is not known where.
func from(n, begin, line int) (list []*socket.Socket) {
	for range n {
		s := &socket.Socket{Protocol: socket.TCP}
		if line > 0 {
			s.Origin = &socket.Origin{Frames: []socket.Frame{
				{Function: "connect", File: "/usr/lib/python3.11/socket.py", Line: 5},
				{Function: "fetch", File: "/srv/pool.py", Line: line, Begin: begin, Own: true},
			}}
		}
		list = append(list, s)
	}
	return list
}

func found(parts ...[]*socket.Socket) *Finding {
	return &Finding{Rule: "r", Pattern: "r", Level: Leak, Sockets: slices.Concat(parts...)}
}

func TestFingerprintWithAPlace(t *testing.T) {
	print := func(parts ...[]*socket.Socket) string { return found(parts...).Fingerprint(nil) }
	base, at := print(from(3, 0, 0)), print(from(3, 10, 17))
	if len(base) != 16 || len(at) != 25 || BaseFingerprint(at) != base || BaseFingerprint(base) != base || !SameFinding(base, at) {
		t.Errorf("%s without and %s with a trace", base, at)
	}
	for name, same := range map[string]string{
		"with some that were there before":  print(from(3, 10, 17), from(9, 0, 0)),
		"after a change above the function": print(from(3, 30, 37)),
		"more of them":                      print(from(90, 10, 17)),
	} {
		if same != at {
			t.Errorf("%s: %s; want %s", name, same, at)
		}
	}
	if other := print(from(3, 10, 18)); other == at || SameFinding(other, at) || !SameFinding(other, base) {
		t.Errorf("%s of another line; %s", other, at)
	}
	if several := print(from(3, 10, 17), from(3, 10, 18)); several != base {
		t.Errorf("%s of two places; want %s", several, base)
	}
	library := from(3, 10, 17)
	for _, s := range library {
		s.Origin.Frames = s.Origin.Frames[:1]
	}
	if got := print(library); got != base {
		t.Errorf("%s of a library's line; want %s", got, base)
	}
	for _, s := range library {
		s.Origin.Start = &socket.Frame{Function: "serve", File: "app.go", Line: 3, Own: true}
	}
	if got := print(library); SameFinding(got, at) || BaseFingerprint(got) != base {
		t.Errorf("%s by what started the goroutine", got)
	}
}

// A baseline that was written without a trace is about what is found with one,
// and the other way round; one with places is about these alone.
func TestBaselineAndPlaces(t *testing.T) {
	unknown, first, second, both := found(from(9, 0, 0)), found(from(5, 10, 17)), found(from(4, 10, 18)), found(from(5, 10, 17), from(4, 10, 18))
	mixed := found(from(3, 0, 0), from(3, 10, 17), from(3, 10, 18))
	entries := func(f *Finding) (list []Ignore) {
		for _, p := range f.Parts(nil) {
			list = append(list, Ignore{Rule: "r", Fingerprint: p.Fingerprint, Sockets: p.Sockets, From: "baseline"})
		}
		return list
	}
	for _, c := range []struct {
		name     string
		baseline []Ignore
		now      *Finding
		left     int // sockets of findings that still count
		unused   int
	}{
		{"written without, found with", entries(unknown), both, 0, 0},
		{"written without, found at one place", entries(unknown), first, 0, 0},
		{"written with, found without", entries(first), unknown, 0, 0},
		{"written with two places, found without", entries(both), unknown, 0, 0},
		{"written with two places, found so", entries(both), both, 0, 0},
		{"another place", entries(first), second, 4, 1},
		{"another place beside it", entries(first), both, 4, 0},
		{"not known of some", entries(both), mixed, 0, 0},
		{"many more", entries(first), found(from(30, 10, 17)), 30, 0},
		{"many more of which it is not known", entries(both), found(from(30, 0, 0)), 30, 0},
	} {
		f := Filter{Ignores: c.baseline, Several: 3}
		kept, out := f.Apply(&socket.Snapshot{Taken: time.Unix(9, 0)}, nil, []Finding{*c.now})
		n := 0
		for i := range kept {
			n += len(kept[i].Sockets)
		}
		if n != c.left || len(out.Unused) != c.unused {
			t.Errorf("%s: %d sockets are left and %d entries unused; want %d and %d", c.name, n, len(out.Unused), c.left, c.unused)
		}
	}
}
