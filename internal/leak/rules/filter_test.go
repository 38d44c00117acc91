package rules

import (
	"fmt"
	"github.com/sockleak/sockleak/internal/leak"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/socket"
)

func mustPeer(t testing.TB, text string) leak.PeerPattern {
	t.Helper()
	p, err := leak.ParsePeer(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFilter(t *testing.T) {
	other := func(s *socket.Socket, _ int) { s.Remote = addr("10.0.0.6:5432"); s.Inode += 5000; s.Cookie = s.Inode }
	h := look(
		clients(4, in(socket.CloseWait), silent(time.Minute)),
		clients(3, in(socket.CloseWait), silent(2*time.Minute), other),
		accepted(5, in(socket.CloseWait), end(socket.Peer{Gone: true}), func(s *socket.Socket, i int) { silent(time.Duration(40+i*20)*sec)(s, i) }),
	)
	peers := func(list ...string) (out []leak.PeerPattern) {
		for _, p := range list {
			out = append(out, mustPeer(t, p))
		}
		return out
	}
	db := mustPeer(t, "10.0.0.5")
	for _, c := range []struct {
		name   string
		filter leak.Filter
		want   []string // rule and number of sockets
		words  []string
	}{
		{"nothing", leak.Filter{}, []string{"5 8080", "7 invalid IP"}, nil},
		{"age", leak.Filter{MinAge: 90 * sec}, []string{"2 8080", "3 10.0.0.6"},
			[]string{"left out by --min-age, --state or --peer: 7 sockets"}},
		{"part of a finding", leak.Filter{MinAge: 41 * sec}, []string{"4 8080", "7 invalid IP"},
			[]string{"left out by --min-age, --state or --peer: 1 socket"}},
		{"state", leak.Filter{States: socket.StateSet(socket.Established)}, nil,
			[]string{"left out by --min-age, --state or --peer: 2 findings, 12 sockets"}},
		{"states", leak.Filter{States: socket.StateSet(socket.Established, socket.CloseWait)},
			[]string{"5 8080", "7 invalid IP"}, nil},
		{"peers", leak.Filter{Peers: peers("10.0.0.6:5432", "10.0.0.5:1")}, []string{"3 10.0.0.6"},
			[]string{"left out by --min-age, --state or --peer: 1 finding, 9 sockets"}},
		{"net", leak.Filter{Peers: peers("10.0.0.4/30")}, []string{"5 8080", "7 invalid IP"}, nil},
		{"rule", leak.Filter{Ignores: []leak.Ignore{{Rule: "close-wait-*", From: "a"}}}, nil, []string{"ignored by a: 2 findings, 12 sockets"}},
		{"other rule", leak.Filter{Ignores: []leak.Ignore{{Rule: "abandoned", From: "a"}}}, []string{"5 8080", "7 invalid IP"}, nil},
		{"rule and peer", leak.Filter{Ignores: []leak.Ignore{{Rule: "*", Peer: &db, From: "a", Reason: "known"}}},
			[]string{"5 8080", "3 10.0.0.6"}, []string{"ignored by a: 4 sockets (known)"}},
		{"port", leak.Filter{Ignores: []leak.Ignore{{Rule: "*", Port: 8080, From: "a"}}}, []string{"7 invalid IP"},
			[]string{"ignored by a: 1 finding, 5 sockets"}},
		{"process", leak.Filter{Ignores: []leak.Ignore{{Rule: "*", Process: "a?i", From: "a"}}}, nil, []string{"ignored by a: 2 findings, 12 sockets"}},
		{"other process", leak.Filter{Ignores: []leak.Ignore{{Rule: "*", Process: "web", From: "a"}}},
			[]string{"5 8080", "7 invalid IP"}, nil},
		{"until later", leak.Filter{Ignores: []leak.Ignore{{Rule: "*", Until: taken.Add(1), From: "a"}}}, nil, []string{"ignored by a: 2 findings, 12 sockets"}},
	} {
		before := Judge(h, leak.Defaults())
		given := slices.Clone(before)
		got, out := c.filter.Apply(h.Now(), h, before)
		var list []string
		for _, f := range got {
			place := f.Remote.Addr().String()
			if f.Local.IsValid() {
				place = fmt.Sprint(f.Local.Port())
			}
			list = append(list, fmt.Sprintf("%d %s", len(f.Sockets), place))
		}
		if d := cmp.Diff(c.want, list); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if d := cmp.Diff(c.words, out.Words()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		for i := range given {
			if len(given[i].Sockets) != len(before[i].Sockets) || len(given[i].Evidence) != len(before[i].Evidence) {
				t.Errorf("%s: the findings that were given are changed", c.name)
			}
		}
	}
}

// TestFilterSaysWhatIsMissing: numbers in the text are of all sockets, so
// that some are not shown stands beside them.
func TestFilterSaysWhatIsMissing(t *testing.T) {
	h := look(accepted(5, in(socket.CloseWait), func(s *socket.Socket, i int) { silent(time.Duration(40+i*20)*sec)(s, i) }))
	got, _ := (&leak.Filter{MinAge: 90 * sec}).Apply(h.Now(), h, Judge(h, leak.Defaults()))
	if len(got) != 1 || !slices.Contains(got[0].Evidence, "filtered: 2 of 5 sockets are shown; what is said is about all of them") {
		t.Errorf("%+v", got)
	}
}

// TestFilterWithoutSockets: a finding about no socket in particular has its
// own peer and age.
func TestFilterWithoutSockets(t *testing.T) {
	h := look(clients(1))
	f := []leak.Finding{{Rule: "port-pressure", Level: leak.Suspect, Remote: addr("10.0.0.5:5432")}}
	for _, c := range []struct {
		filter leak.Filter
		want   int
	}{
		{leak.Filter{Peers: []leak.PeerPattern{mustPeer(t, "10.0.0.5")}}, 1},
		{leak.Filter{Peers: []leak.PeerPattern{mustPeer(t, "10.0.0.6")}}, 0},
		{leak.Filter{States: socket.AllStates}, 0},
		{leak.Filter{MinAge: 1}, 0},
		{leak.Filter{Ignores: []leak.Ignore{{Rule: "port-pressure"}}}, 0},
		{leak.Filter{Ignores: []leak.Ignore{{Rule: "port-pressure", Port: 80}}}, 1},
	} {
		if got, out := c.filter.Apply(h.Now(), h, f); len(got) != c.want || len(out.Words()) != 1-c.want {
			t.Errorf("%+v: %d findings left, %q", c.filter, len(got), out.Words())
		}
	}
}

func TestExpiredIgnore(t *testing.T) {
	h := look(clients(4, in(socket.CloseWait), silent(time.Minute)))
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	f := leak.Filter{Ignores: []leak.Ignore{{Rule: "close-wait-eof-read", Until: day, Reason: "fixed next week",
		From: ".sockleak.yaml:4", At: &leak.Location{File: ".sockleak.yaml", Line: 4}}}}
	got, out := f.Apply(h.Now(), h, Judge(h, leak.Defaults()))
	if len(got) != 2 || len(out.Words()) != 0 || got[0].Rule != "close-wait-eof-read" {
		t.Fatalf("an expired ignore ignores: %s", describe(got))
	}
	e := got[1]
	if e.Rule != "expired-ignore" || e.Level != leak.Suspect || e.Location.Line != 4 ||
		e.Summary != ".sockleak.yaml:4 ignores close-wait-eof-read until 2026-11-20, which is over" {
		t.Errorf("%+v", e)
	}
	if text := strings.Join(e.Evidence, "; "); text != "the reason given was: fixed next week; 1 finding of this run would be ignored by it, and no longer are" {
		t.Errorf("evidence: %s", text)
	}
	// What else is asked for does not hide it.
	f.MinAge = time.Hour
	if got, _ := f.Apply(h.Now(), h, Judge(h, leak.Defaults())); len(got) != 1 || got[0].Rule != "expired-ignore" {
		t.Errorf("with --min-age: %s", describe(got))
	}
}

func TestExpiredIgnoreIsDocumented(t *testing.T) {
	r := leak.ExpiredIgnore()
	if _, listed := ByID(r.ID); listed {
		t.Error("it is no rule that judges sockets")
	}
	for _, text := range []string{r.Title, r.Doc.Means, r.Doc.Causes, r.Doc.Evidence, r.Doc.BlindSpot, r.Remedy.Any[socket.RuntimeUnknown]} {
		if text == "" {
			t.Error("a field of its documentation is empty")
		}
	}
}

func TestParsePeer(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.5": "10.0.0.5", "10.0.0.5:80": "10.0.0.5:80", "10.1.2.3/8": "10.0.0.0/8", "10.0.0.0/8:443": "10.0.0.0/8:443",
		"::1": "::1", "[::1]": "::1", "[::1]:80": "[::1]:80", "fe80::1/10": "fe80::/10", "[fe80::/10]:443": "[fe80::/10]:443",
		"::ffff:10.0.0.5": "10.0.0.5", "fe80::1%eth0": "fe80::1", "::ffff:10.1.2.3/104": "10.0.0.0/8",
		"": "", "db": "", "10.0.0.5:": "", "10.0.0.5:0": "", "10.0.0.5:65536": "", "10.0.0.5:-1": "", "10.0.0.0/33": "", "10.0.0": "",
		"[::1": "", "[::1]80": "", "[]:80": "", ":80": "", "10.0.0.5/8/8": "", "::1:80:": "",
	} {
		p, err := leak.ParsePeer(text)
		if (err != nil) != (want == "") || err == nil && p.String() != want {
			t.Errorf("%q: %s, %v; want %q", text, p, err, want)
		}
	}
}

func TestPeerMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, addr string
		want          bool
	}{
		{"10.0.0.5", "10.0.0.5:1", true}, {"10.0.0.5:2", "10.0.0.5:1", false}, {"10.0.0.5:1", "10.0.0.5:1", true},
		{"10.0.0.0/8", "10.255.0.1:1", true}, {"10.0.0.0/8", "11.0.0.1:1", false}, {"10.0.0.0/8", "[::ffff:10.1.1.1]:1", true},
		{"fe80::/10", "[fe80::1%eth0]:1", true}, {"0.0.0.0/0", "[::1]:1", false}, {"::/0", "[::1]:1", true},
	} {
		p := mustPeer(t, c.pattern)
		if got := p.Matches(netip.MustParseAddrPort(c.addr)); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.addr, got)
		}
	}
	p := mustPeer(t, "0.0.0.0/0")
	if p.Matches(netip.AddrPort{}) {
		t.Error("no address is no match")
	}
}

func FuzzParsePeer(f *testing.F) {
	for _, s := range []string{"10.0.0.5", "10.0.0.0/8:443", "[fe80::/10]:443", "::1", "[", "]:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := leak.ParsePeer(text)
		if err != nil {
			return
		}
		if again, err := leak.ParsePeer(p.String()); err != nil || again != p {
			t.Errorf("%q is %s, which is read as %v, %v", text, p, again, err)
		}
	})
}
