//go:build linux

package proc

import (
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = " S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 7 0 98765 1 2 3\n"
	for _, comm := range []string{"api", "a b", "a) R 9 (b", "", ")", "(", "a\nb"} {
		stat, why := parseStat([]byte("42 (" + comm + ")" + rest))
		want := Stat{
			Comm: comm, State: 'S', Parent: 1, Flags: 4194560, CPU: 2 * time.Second, Threads: 7, Start: 98765,
		}
		if why != "" || stat != want {
			t.Errorf("comm %q: %+v, %q; want %+v", comm, stat, why, want)
		}
	}
	for _, bad := range []string{"", "42", "42 (api)", "42 (api) S 1", "42 )api(" + rest, "42 (api) SS" + rest[2:], "42 (api) S x" + rest[4:]} {
		if stat, why := parseStat([]byte(bad)); why == "" {
			t.Errorf("%q accepted as %+v", bad, stat)
		}
	}
}

func TestStatPredicates(t *testing.T) {
	for _, tc := range []struct {
		stat                  Stat
		zombie, ended, kernel bool
	}{
		{Stat{State: 'S', Threads: 1}, false, false, false},
		{Stat{State: 'Z', Threads: 1}, true, true, false},
		{Stat{State: 'Z', Threads: 3}, true, false, false},
		{Stat{State: 'X', Threads: 0}, true, true, false},
		{Stat{State: 'R', Flags: 0x4, Threads: 1}, true, true, false},
		{Stat{State: 'I', Flags: 0x208040, Threads: 1}, false, false, true},
	} {
		s := tc.stat
		if s.Zombie() != tc.zombie || s.Ended() != tc.ended || s.KernelThread() != tc.kernel {
			t.Errorf("%+v: zombie %v, ended %v, kernel thread %v", s, s.Zombie(), s.Ended(), s.KernelThread())
		}
	}
}
