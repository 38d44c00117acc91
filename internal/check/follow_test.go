package check_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// play is a command: its processes, and what each holds when.
type play struct {
	begin time.Time
	cast  []actor
	looks map[int]int      // by pid
	fail  time.Duration    // from then on looks fail; 0 is never
	busy  [2]time.Duration // a look that begins between the two ends at the second
	exact *exits           // nil: nobody tells of ends
}

// actor is a process of the command; times count from the command's start.
type actor struct {
	pid      int
	name     string
	from, to time.Duration // to 0 is for ever
	exec     time.Duration // when it becomes another program; 0 is never
	acts     []act
	runtime  socket.Runtime
}

func (p *play) alive() ([]socket.ProcessID, error) {
	at := time.Since(p.begin)
	var list []socket.ProcessID
	for _, a := range p.cast {
		if at >= a.from && (a.to == always || at < a.to || p.exact.holds(a.pid)) {
			list = append(list, socket.ProcessID{PID: a.pid, Start: 7})
		}
	}
	return list, nil
}

func (p *play) look(_ context.Context, due []socket.ProcessID) (*socket.Snapshot, error) {
	if p.fail > 0 && time.Since(p.begin) >= p.fail {
		return nil, errors.New("boom")
	}
	if at := time.Since(p.begin); p.busy[0] <= at && at < p.busy[1] {
		time.Sleep(p.busy[1] - at)
	}
	at := time.Since(p.begin)
	s := &socket.Snapshot{Taken: time.Now()}
	for _, id := range due {
		for _, a := range p.cast {
			if a.pid != id.PID || a.to != always && at >= a.to && !p.exact.holds(a.pid) {
				continue
			}
			at := at
			if a.to != always { // it stands still
				at = min(at, a.to-1)
			}
			p.looks[a.pid]++
			exe := "/bin/" + a.name
			if a.exec > 0 && at < a.exec {
				exe = "/bin/sh"
			}
			s.Processes = append(s.Processes, socket.Process{ID: id, Name: a.name, Exe: exe, Target: true, FDs: 3, Started: p.begin.Add(a.from), Runtime: a.runtime})
			for _, act := range a.acts {
				if at < act.from || act.to != always && at >= act.to {
					continue
				}
				s.Sockets = append(s.Sockets, &socket.Socket{
					NetNS: 1, Cookie: act.cookie, Inode: act.cookie, Family: socket.IPv4, Protocol: socket.TCP, State: act.state,
					Presence: socket.InTable, Facts: socket.HasState | socket.HasQueues,
					Local: netip.MustParseAddrPort("127.0.0.1:40000"), Remote: netip.MustParseAddrPort("192.0.2.1:443"),
					Holders: []socket.Holder{{Process: id, FD: int32(act.cookie) + 3}}, Peer: &socket.Peer{Gone: true},
				})
			}
		}
	}
	if len(s.Processes) == 0 {
		return nil, check.ErrGone
	}
	return s, nil
}

// follow plays the command, whose own process is the first of the cast.
func (p *play) follow(t *testing.T, change ...func(*check.Command)) *check.Result {
	t.Helper()
	p.begin, p.looks = time.Now(), map[int]int{}
	done := make(chan struct{})
	time.AfterFunc(p.cast[0].to, func() { close(done) })
	c := check.Command{
		Alive: p.alive, Look: p.look, Now: time.Now, Done: done, Every: time.Second, Settle: 15 * time.Second,
		Settings: leak.Defaults(), Judge: judgeCloseWait, Limits: check.NoLimits(),
	}
	if p.exact != nil {
		c.Endings = p.exact.of(p)
	}
	for _, f := range change {
		f(&c)
	}
	res, err := check.Follow(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// judgeCloseWait is a rule of the usual kind: several for Ripe are a leak, one
// past Grace is a suspicion.
func judgeCloseWait(h *track.History, set leak.Settings) []leak.Finding {
	held := map[socket.ProcessID][]*socket.Socket{}
	ripe := map[socket.ProcessID]int{}
	for _, s := range h.Now().Sockets {
		if s.State == socket.CloseWait && h.Age(s).AtLeast >= set.Grace {
			p := s.Holders[0].Process
			held[p] = append(held[p], s)
			if h.Age(s).AtLeast >= set.Ripe() {
				ripe[p]++
			}
		}
	}
	var list []leak.Finding
	for p, sockets := range held {
		f := leak.Finding{Rule: "test", Level: leak.Suspect, Process: p, Sockets: sockets, Summary: "holds"}
		if ripe[p] >= set.Several {
			f.Level = leak.Leak
		}
		list = append(list, f)
	}
	return list
}

// hold returns n sockets in the state, from a moment until another.
func hold(n int, first uint64, state socket.State, from, to time.Duration) (list []act) {
	for i := range n {
		list = append(list, act{cookie: first + uint64(i), from: from, to: to, state: state})
	}
	return list
}

func TestFollow(t *testing.T) {
	const sec, msec = time.Second, time.Millisecond
	half := func(n int, first uint64, from, to time.Duration) []act {
		return hold(n, first, socket.CloseWait, from, to)
	}
	serve := hold(1, 90, socket.Established, 100*msec, sec) // what the process had open before
	sh := func(life time.Duration) actor { return actor{pid: 40, name: "sh", to: life} }
	for name, tc := range map[string]struct {
		cast  []actor
		want  string
		blind bool
	}{
		"nothing, short":          {[]actor{{pid: 42, name: "t", to: 500 * msec}}, "", false},
		"ends at once":            {[]actor{{pid: 42, name: "t", to: 0, from: sec}}, "", true},
		"leaks in a short life":   {[]actor{{pid: 42, name: "t", to: 500 * msec, acts: half(5, 1, 100*msec, always)}}, "leak:test", false},
		"leaks in a longer one":   {[]actor{{pid: 42, name: "t", to: 9 * sec, acts: half(5, 1, sec, always)}}, "leak:test", false},
		"leaks in a long one":     {[]actor{{pid: 42, name: "t", to: 60 * sec, acts: half(5, 1, 50*sec, always)}}, "leak:test", false},
		"late in a long life":     {[]actor{{pid: 42, name: "t", to: 60 * sec, acts: append(half(5, 1, 56*sec, always), serve...)}}, "suspect:left-open", false},
		"late in a short life":    {[]actor{{pid: 42, name: "t", to: 2 * sec, acts: append(half(5, 1, 1700*msec, always), serve...)}}, "suspect:left-open", false},
		"all of it late":          {[]actor{{pid: 42, name: "t", to: 60 * sec, acts: half(5, 1, 56*sec, always)}}, "leak:test", false},
		"one is a suspicion":      {[]actor{{pid: 42, name: "t", to: 2 * sec, acts: half(1, 1, 200*msec, always)}}, "suspect:test", false},
		"closed in good time":     {[]actor{{pid: 42, name: "t", to: 9 * sec, acts: half(5, 1, sec, 6*sec)}}, "", false},
		"closed by the shutdown":  {[]actor{{pid: 42, name: "t", to: 9 * sec, acts: half(5, 1, sec, 8800*msec)}}, "leak:test", false},
		"connections left":        {[]actor{{pid: 42, name: "t", to: 500 * msec, acts: hold(2, 1, socket.Established, 100*msec, always)}}, "suspect:left-open", false},
		"open for a moment only":  {[]actor{{pid: 42, name: "t", to: 9050 * msec, acts: hold(2, 1, socket.Established, 8900*msec, 9010*msec)}}, "note:left-open", false},
		"connections shut down":   {[]actor{{pid: 42, name: "t", to: 9 * sec, acts: hold(2, 1, socket.Established, 100*msec, 8900*msec)}}, "", false},
		"in a shell":              {[]actor{sh(3 * sec), {pid: 42, name: "t", to: 2900 * msec, acts: half(5, 1, 100*msec, always)}}, "leak:test", false},
		"moved later":             {[]actor{sh(60 * sec), {pid: 42, name: "t", from: 55 * sec, to: 56 * sec, acts: half(5, 1, 55100*msec, always)}}, "leak:test", false},
		"moved later by exec":     {[]actor{{pid: 42, name: "t", exec: 20 * sec, to: 22 * sec, acts: half(5, 1, 20100*msec, always)}}, "leak:test", false},
		"the rest only sleeps":    {[]actor{sh(60 * sec), {pid: 42, name: "t", to: sec, acts: half(5, 1, 100*msec, always)}}, "leak:test", false},
		"split into short ones":   {[]actor{sh(9 * sec), {pid: 42, name: "t", to: sec, acts: half(1, 1, 100*msec, always)}, {pid: 43, name: "u", from: sec, to: 2 * sec, acts: half(1, 2, 1100*msec, always)}, {pid: 44, name: "v", from: 2 * sec, to: 3 * sec, acts: half(1, 3, 2100*msec, always)}}, "leak:held-to-end", false},
		"beside a healthy one":    {[]actor{sh(9 * sec), {pid: 42, name: "t", to: sec, acts: half(5, 1, 100*msec, always)}, {pid: 43, name: "ok", to: 9 * sec}}, "leak:test", false},
		"what runs on is a note":  {[]actor{sh(sec), {pid: 42, name: "d", acts: hold(1, 1, socket.Listen, 100*msec, always)}}, "note:left-open", false},
		"what runs on and leaks":  {[]actor{sh(sec), {pid: 42, name: "d", acts: half(3, 1, 100*msec, always)}}, "leak:test", false},
		"one socket, two holders": {[]actor{sh(2 * sec), {pid: 42, name: "t", to: 2 * sec, acts: half(1, 1, 100*msec, always)}, {pid: 43, name: "t", to: 2 * sec, acts: half(1, 1, 100*msec, always)}, {pid: 44, name: "t", to: 2 * sec, acts: half(1, 1, 100*msec, always)}}, "suspect:test", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := play{cast: tc.cast}
				res := p.follow(t)
				if got := rules(res); got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
				if res.Snapshot.Blind() != tc.blind {
					t.Errorf("blind is %v, want %v: %+v", !tc.blind, tc.blind, res.Snapshot.Gaps)
				}
				for _, f := range res.Findings {
					if res.Snapshot.Process(f.Process) == nil {
						t.Errorf("the report cannot name the process of %+v", f)
					}
				}
			})
		})
	}
}

// TestPopulation: what is said of one process names the others like it.
func TestPopulation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 40, name: "sh", to: 9 * time.Second}}}
		for i, name := range []string{"a.test", "b.test", "c.test", "d.test", "e.test"} {
			from := time.Duration(i) * time.Second
			p.cast = append(p.cast, actor{pid: 50 + i, name: name, from: from, to: from + time.Second,
				acts: hold(50, uint64(100*i+1), socket.CloseWait, from+100*time.Millisecond, always)})
		}
		res := p.follow(t)
		if len(res.Findings) != 1 || len(res.Findings[0].Sockets) != 250 {
			t.Fatalf("findings %+v, want one with 250 sockets", res.Findings)
		}
		const want = "50 sockets in each of 5 processes (a.test, b.test, c.test, d.test, ...)"
		if got := res.Findings[0].Summary; !strings.Contains(got, want) {
			t.Errorf("summary %q, want %q in it", got, want)
		}
	})
}

// TestPauses: a process is looked at by its own age, not the command's.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 40, name: "sh", to: 100 * time.Second}, {pid: 41, name: "late", from: 98 * time.Second, to: 99 * time.Second}}}
		p.follow(t)
		if p.looks[41] < 15 {
			t.Errorf("%d looks at a process of one second, want one every 50 ms", p.looks[41])
		}
		if p.looks[40] > 500 {
			t.Errorf("%d looks at a process of 100 s: the pauses do not grow", p.looks[40])
		}
	})
}

// TestCut: a command that had to be ended is said to have been kept alive.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{
			{pid: 42, name: "node", to: 20 * time.Second, acts: hold(40, 1, socket.Established, time.Second, 19900*time.Millisecond)},
			{pid: 43, name: "sleep", to: 20 * time.Second},
		}}
		res := p.follow(t, func(c *check.Command) { c.Cut = func() string { return "--timeout 20s" } })
		if len(res.Findings) != 1 || !strings.Contains(res.Findings[0].Summary, "was still running at --timeout 20s, with 40 tcp ESTABLISHED open") {
			t.Errorf("findings %+v", res.Findings)
		}
		if len(res.Hung) != 1 || res.Hung[0].Name != "sleep" {
			t.Errorf("hung %+v, want sleep", res.Hung)
		}
	})
}

// TestCutYoung: what counts is what it held when it was told to end, not the
// most that it ever held.
func TestCutYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const msec = time.Millisecond
		p := play{cast: []actor{{pid: 42, name: "t", to: 1500 * msec, acts: append(
			hold(1, 1, socket.Listen, 0, 1490*msec), hold(2, 10, socket.Established, 0, 200*msec)...)}}}
		res := p.follow(t, func(c *check.Command) {
			c.Cut = func() string {
				if time.Since(p.begin) < 1400*msec {
					return ""
				}
				return "--timeout 1.4s"
			}
		})
		if len(res.Findings) != 1 || !strings.HasSuffix(res.Findings[0].Summary, "with 1 tcp LISTEN (127.0.0.1:40000) open") {
			t.Errorf("findings %+v", res.Findings)
		}
	})
}

// TestFollowLimits: the user's limits hold for each process at its end.
func TestFollowLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 42, name: "t", to: 20 * time.Second, acts: append(
			hold(3, 1, socket.CloseWait, 19*time.Second, always), hold(1, 9, socket.Established, time.Second, 2*time.Second)...)}}}
		for limit, want := range map[int]string{2: "leak:max-close-wait", 3: ""} {
			res := p.follow(t, func(c *check.Command) {
				c.Limits.CloseWait = limit
				c.Judge = func(*track.History, leak.Settings) []leak.Finding { return nil }
			})
			if got := strings.TrimSpace(strings.NewReplacer("suspect:left-open", "", "note:left-open", "").Replace(rules(res))); got != want {
				t.Errorf("limit %d: findings %q, want %q", limit, got, want)
			}
		}
	})
}

// TestFollowFails: an error of the first look is the caller's; one of a later
// look is a gap, and the check goes on.
func TestFollowFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 42, name: "t", to: 5 * time.Second, acts: hold(5, 1, socket.CloseWait, 0, always)}}}
		p.fail = 4 * time.Second
		res := p.follow(t)
		if !res.Snapshot.Blind() || rules(res) != "leak:test" {
			t.Errorf("findings %q, blind %v; want the leak and a gap", rules(res), res.Snapshot.Blind())
		}
	})
}
