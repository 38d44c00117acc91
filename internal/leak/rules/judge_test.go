package rules

import (
	"fmt"
	"github.com/sockleak/sockleak/internal/leak"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

func TestJudgeBeforeTheFirstLook(t *testing.T) {
	if got := Judge(track.NewHistory(), leak.Defaults()); got != nil {
		t.Errorf("findings without a look:\n%s", describe(got))
	}
}

// TestGrouping: one finding for each cause, peer and local port.
func TestGrouping(t *testing.T) {
	other := func(s *socket.Socket, _ int) { s.Remote = addr("10.0.0.6:5432"); s.Inode += 5000 }
	unread := func(s *socket.Socket, _ int) { s.Inode += 10_000 }
	old := []trait{in(socket.CloseWait), silent(time.Minute)}
	h := look(
		clients(4, old...),
		clients(3, append(old, other)...),
		accepted(5, old...),
		accepted(6, append(old, recvQ(1), unread)...),
	)
	var got []string
	for _, f := range Judge(h, leak.Defaults()) {
		got = append(got, fmt.Sprintf("%s %d port=%d", f.Rule, len(f.Sockets), f.Local.Port()))
	}
	want := []string{
		"close-wait-eof-unread 11 port=8080",
		"close-wait-eof-read 7 port=0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestManySocketsAreOneFinding(t *testing.T) {
	got := Judge(look(accepted(20_000, in(socket.CloseWait), silent(time.Minute))), leak.Defaults())
	if len(got) != 1 || len(got[0].Sockets) != 20_000 {
		t.Fatalf("20,000 sockets of one cause:\n%s", describe(got))
	}
	if peers, more := got[0].Peers(3); len(peers) != 1 || peers[0].Count != 20_000 || more != 0 {
		t.Errorf("clients are told apart by their ports: %v and %d more", peers, more)
	}
}

// TestOldestFirst: the age of a finding is that of its oldest socket.
func TestOldestFirst(t *testing.T) {
	f := Judge(look(accepted(4, in(socket.CloseWait), func(s *socket.Socket, i int) {
		silent(time.Duration(40+i%3)*sec)(s, i)
	})), leak.Defaults())[0]
	if f.Age.AtLeast != 42*sec || !f.Age.Bounded {
		t.Errorf("age %+v", f.Age)
	}
	if !slices.IsSortedFunc(f.Sockets, func(a, b *socket.Socket) int {
		return int(b.TCP.LastAckRecv - a.TCP.LastAckRecv)
	}) {
		t.Error("the sockets are not sorted by age")
	}
}

// TestTotalOrder: the order does not depend on how the findings were found.
func TestTotalOrder(t *testing.T) {
	var all []leak.Finding
	for _, c := range ruleCases() {
		all = append(all, Judge(c.h, leak.Defaults())...)
	}
	// Equal in every key of the order means the same place, cause and words.
	leak.Sort(all)
	want := slices.Clone(all)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		leak.Sort(all)
		for i := range all {
			a, b := &all[i], &want[i]
			if a.Level != b.Level || len(a.Sockets) != len(b.Sockets) || a.Rule != b.Rule || a.Summary != b.Summary {
				t.Fatalf("place %d: %s %q, then %s %q", i, b.Rule, b.Summary, a.Rule, a.Summary)
			}
		}
	}
	if !slices.IsSortedFunc(all, func(a, b leak.Finding) int { return int(b.Level) - int(a.Level) }) {
		t.Error("the worst are not first")
	}
}

// TestJudgeIsAFunction: it changes nothing that it is given, and says the
// same twice.
func TestJudgeIsAFunction(t *testing.T) {
	for _, c := range ruleCases() {
		order := slices.Clone(c.h.Now().Sockets)
		first, second := Judge(c.h, leak.Defaults()), Judge(c.h, leak.Defaults())
		if d := cmp.Diff(first, second, cmpopts.EquateComparable(netip.AddrPort{})); d != "" {
			t.Errorf("%s/%s: another verdict the second time: %s", c.rule, c.name, d)
		}
		if !slices.Equal(order, c.h.Now().Sockets) {
			t.Errorf("%s/%s: the snapshot was changed", c.rule, c.name)
		}
	}
}

func TestFixIsTheRuntimesOwn(t *testing.T) {
	leaking := accepted(3, in(socket.CloseWait), silent(time.Minute))
	for rt, want := range closeWaitEOFRead().Remedy.Any {
		f := Judge(look(leaking, process(func(p *socket.Process) { p.Runtime = rt })), leak.Defaults())[0]
		if f.Fix != want {
			t.Errorf("%q: %s", rt, f.Fix)
		}
	}
	f := Judge(look(leaking, process(func(p *socket.Process) { p.Runtime = "cobol" })), leak.Defaults())[0]
	if f.Fix != closeWaitEOFRead().Remedy.Any[socket.RuntimeUnknown] {
		t.Errorf("a runtime without a remedy of its own: %s", f.Fix)
	}
	packaged := func(p *socket.Process) { p.Runtime, p.Exe = socket.Native, "/usr/sbin/haproxy" }
	if f := Judge(look(leaking, process(packaged)), leak.Defaults())[0]; f.Fix != closeWaitEOFRead().Remedy.Operator {
		t.Errorf("whoever runs haproxy is told to change its code: %s", f.Fix)
	}
}

// TestSettings: thresholds move the verdict.
func TestSettings(t *testing.T) {
	h := look(accepted(2, in(socket.CloseWait), silent(20*sec), end(socket.Peer{Gone: true})))
	for _, c := range []struct {
		name   string
		change func(*leak.Settings)
		want   leak.Level
	}{
		{"defaults", func(*leak.Settings) {}, leak.Suspect},
		{"grace", func(s *leak.Settings) { s.Grace = 21 * sec }, silence},
		{"proof", func(s *leak.Settings) { s.Proof = 20 * sec }, leak.Leak},
		{"several", func(s *leak.Settings) { s.Several = 2 }, leak.Leak},
	} {
		set := leak.Defaults()
		c.change(&set)
		var got leak.Level
		for _, f := range Judge(h, set) {
			got = max(got, f.Level)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestMatters(t *testing.T) {
	near := Judge(look(clients(3, in(socket.CloseWait), silent(time.Minute)), open(900, 1024)), leak.Defaults())[0]
	if near.Matters != "900 of 1024 descriptors in use" {
		t.Errorf("near the limit: %q", near.Matters)
	}
	far := Judge(look(clients(3, in(socket.CloseWait), silent(time.Minute)), open(20, 1024)), leak.Defaults())[0]
	if far.Matters != "" {
		t.Errorf("far from the limit: %q", far.Matters)
	}
	h := looks(12, func(i int) []part {
		return []part{clients(10*i+3, in(socket.CloseWait), silent(6*sec)), open(10*i+14, 1024)}
	})
	if got := Judge(h, leak.Defaults())[0]; got.Matters != "124 of 1024 descriptors in use; at this rate the limit is reached in 1m30s" {
		t.Errorf("10 a second, 900 left: %q", got.Matters)
	}
}
