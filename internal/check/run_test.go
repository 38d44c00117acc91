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

// stage plays a target: at every moment it holds the sockets of the acts
// that are on.
type stage struct {
	begin time.Time
	acts  []act
	looks int
	life  time.Duration // 0 is for ever
	gaps  []socket.Gap
}

// act is a socket that is open from a moment until another.
type act struct {
	cookie   uint64
	from, to time.Duration // to 0 is for ever
	state    socket.State
	pid      int // 0 is the one of every stage
}

const always = time.Duration(0)

func (st *stage) look(ctx context.Context) (*socket.Snapshot, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	st.looks++
	at := time.Since(st.begin)
	if st.life > 0 && at >= st.life {
		return nil, check.ErrGone
	}
	s := &socket.Snapshot{Taken: time.Now(), Gaps: st.gaps}
	fds := map[int]int{42: 3}
	for _, a := range st.acts {
		if at < a.from || a.to != always && at >= a.to {
			continue
		}
		pid := a.pid
		if pid == 0 {
			pid = 42
		}
		fds[pid]++
		s.Sockets = append(s.Sockets, &socket.Socket{
			NetNS: 1, Cookie: a.cookie, Inode: a.cookie, Family: socket.IPv4, Protocol: socket.TCP, State: a.state,
			Presence: socket.InTable, Facts: socket.HasState,
			Remote:  netip.MustParseAddrPort("192.0.2.1:443"),
			Holders: []socket.Holder{{Process: socket.ProcessID{PID: pid, Start: 7}, FD: int32(a.cookie)}},
		})
	}
	for pid := 42; pid < 50; pid++ {
		if n, ok := fds[pid]; ok {
			s.Processes = append(s.Processes, socket.Process{ID: socket.ProcessID{PID: pid, Start: 7}, Name: "api", Target: true, FDs: n})
		}
	}
	return s, nil
}

// accuseCloseWait is a rule of its own kind, so that these tests stand apart
// from the real rules' thresholds.
func accuseCloseWait(h *track.History, _ leak.Settings) []leak.Finding {
	held := map[socket.ProcessID][]*socket.Socket{}
	for _, s := range h.Now().Sockets {
		if s.State == socket.CloseWait {
			held[s.Holders[0].Process] = append(held[s.Holders[0].Process], s)
		}
	}
	var list []leak.Finding
	for p, sockets := range held {
		list = append(list, leak.Finding{Rule: "test", Level: leak.Leak, Process: p, Sockets: sockets})
	}
	return list
}

func (st *stage) plan(exercise time.Duration) check.Plan {
	st.begin = time.Now()
	return check.Plan{
		Look: st.look, Now: time.Now, Judge: accuseCloseWait,
		Every: time.Second, WarmUp: 10 * time.Second, Settle: 15 * time.Second,
		Settings: leak.Defaults(), Limits: check.NoLimits(),
		Exercise: func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(exercise):
				return nil
			}
		},
	}
}

func rules(r *check.Result) string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.Level.String()+":"+f.Rule)
	}
	return strings.Join(list, " ")
}

func TestContract(t *testing.T) {
	const sec = time.Second
	for _, tc := range []struct {
		name  string
		stage stage
		want  string
	}{
		{"nothing", stage{}, ""},
		{"new and surviving", stage{acts: []act{{cookie: 1, from: 20 * sec, state: socket.CloseWait}}}, "leak:test"},
		{"there before", stage{acts: []act{{cookie: 1, state: socket.CloseWait}}}, ""},
		{"ends while settling", stage{acts: []act{{cookie: 1, from: 20 * sec, to: 44 * sec, state: socket.CloseWait}}}, ""},
		{"ends while its proof is due", stage{acts: []act{{cookie: 1, from: 37 * sec, to: 45 * sec, state: socket.CloseWait}}}, ""},
		{"ends after its proof", stage{acts: []act{{cookie: 1, from: 20 * sec, to: 50 * sec, state: socket.CloseWait}}}, "leak:test"},
		{
			"the same number of others",
			stage{acts: []act{
				{cookie: 1, to: 25 * sec, state: socket.CloseWait},
				{cookie: 2, from: 20 * sec, state: socket.CloseWait},
			}}, "leak:test",
		},
		{
			"always some, never the same", // a busy server that closes within a second or two
			stage{acts: func() (list []act) {
				for i := range 60 {
					list = append(list, act{cookie: uint64(i + 1), from: time.Duration(i) * sec, to: time.Duration(i+2) * sec, state: socket.CloseWait})
				}
				return list
			}()}, "",
		},
		{"one open connection more", stage{acts: []act{{cookie: 1, from: 20 * sec, state: socket.Established}}}, "note:still-open"},
		{
			"three open connections more",
			stage{acts: []act{
				{cookie: 1, from: 20 * sec, state: socket.Established},
				{cookie: 2, from: 20 * sec, state: socket.Established},
				{cookie: 3, from: 20 * sec, state: socket.Established},
			}}, "suspect:still-open",
		},
		{"opened after the exercise", stage{acts: []act{{cookie: 1, from: 42 * sec, state: socket.Established}}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := tc.stage.plan(40 * sec)
				res, err := check.Run(t.Context(), plan)
				if err != nil {
					t.Fatal(err)
				}
				if got := rules(res); got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
				if res.Snapshot.Blind() {
					t.Errorf("not enough seen: %+v", res.Snapshot.Gaps)
				}
			})
		})
	}
}

func TestWarmUp(t *testing.T) {
	for name, tc := range map[string]struct {
		acts  []act
		least time.Duration
		most  time.Duration
	}{
		"stable at once":   {nil, 0, 2 * time.Second},
		"stable in a bit":  {[]act{{cookie: 1, from: 100 * time.Millisecond}}, 100 * time.Millisecond, 3 * time.Second},
		"never stable":     {growing(60, 0), 10 * time.Second, 12 * time.Second},
		"grows, then none": {growing(10, 0), 1 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := stage{acts: tc.acts}
				plan := st.plan(0)
				var warm time.Duration
				plan.Exercise = func(context.Context) error { warm = time.Since(st.begin); return nil }
				if _, err := check.Run(t.Context(), plan); err != nil {
					t.Fatal(err)
				}
				if warm < tc.least || warm > tc.most {
					t.Errorf("warm after %s, want %s to %s", warm, tc.least, tc.most)
				}
			})
		})
	}
}

// growing opens n sockets, one every 200 ms, in the state (0 for CLOSE).
func growing(n int, state socket.State) (list []act) {
	for i := range n {
		list = append(list, act{cookie: uint64(i + 1), from: time.Duration(i) * 200 * time.Millisecond, state: state})
	}
	return list
}

// TestTakesNoLonger: where nothing new is open, or all is proven, there is
// nothing to wait for.
func TestTakesNoLonger(t *testing.T) {
	for name, tc := range map[string]struct {
		acts []act
		most time.Duration // beyond the exercise of 5 s
	}{
		"nothing new":        {nil, 2 * time.Second},
		"all proven":         {[]act{{cookie: 1, from: 3 * time.Second, state: socket.CloseWait}}, 9 * time.Second},
		"a pool may be idle": {[]act{{cookie: 1, from: 3 * time.Second, to: 40 * time.Second, state: socket.Established}}, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := stage{acts: tc.acts}
				plan := st.plan(5 * time.Second)
				plan.Settle = time.Hour
				if _, err := check.Run(t.Context(), plan); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(st.begin) - 5*time.Second; took > tc.most {
					t.Errorf("took %s beyond the exercise, want %s at most", took, tc.most)
				}
			})
		})
	}
}

func TestLimits(t *testing.T) {
	// Three sockets from before the baseline, three from the exercise.
	acts := append(growing(3, socket.CloseWait), act{cookie: 11, from: 20 * time.Second, state: socket.CloseWait},
		act{cookie: 12, from: 20 * time.Second, state: socket.CloseWait}, act{cookie: 13, from: 20 * time.Second, state: socket.CloseWait})
	for _, tc := range []struct {
		name   string
		limits check.Limits
		want   string
	}{
		{"none", check.NoLimits(), ""},
		{"wide", check.Limits{CloseWait: 6, FDGrowth: 3}, ""},
		{"close-wait", check.Limits{CloseWait: 5, FDGrowth: -1}, "leak:max-close-wait"},
		{"descriptors", check.Limits{CloseWait: -1, FDGrowth: 2}, "leak:max-fd-growth"},
		{"both", check.Limits{}, "leak:max-close-wait leak:max-fd-growth"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := stage{acts: acts}
				plan := st.plan(40 * time.Second)
				plan.Limits = tc.limits
				plan.Judge = func(*track.History, leak.Settings) []leak.Finding { return nil }
				res, err := check.Run(t.Context(), plan)
				if err != nil {
					t.Fatal(err)
				}
				got := strings.TrimSpace(strings.ReplaceAll(rules(res), "suspect:still-open", ""))
				if got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
			})
		})
	}
}

func TestCutShort(t *testing.T) {
	boom := errors.New("boom")
	for name, change := range map[string]func(*stage, *check.Plan, context.CancelFunc){
		"interrupted": func(_ *stage, p *check.Plan, cancel context.CancelFunc) {
			time.AfterFunc(20*time.Second, cancel)
		},
		"interrupted while settling": func(st *stage, p *check.Plan, cancel context.CancelFunc) {
			st.acts = []act{{cookie: 1, from: 20 * time.Second}}
			time.AfterFunc(45*time.Second, cancel)
		},
		"target ends": func(st *stage, _ *check.Plan, _ context.CancelFunc) { st.life = 20 * time.Second },
		"exercise fails": func(_ *stage, p *check.Plan, _ context.CancelFunc) {
			p.Exercise = func(context.Context) error { return boom }
		},
		"blind": func(st *stage, _ *check.Plan, _ context.CancelFunc) {
			st.gaps = []socket.Gap{{Where: "descriptors", Blinds: true}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var st stage
				plan := st.plan(40 * time.Second)
				change(&st, &plan, cancel)
				res, err := check.Run(ctx, plan)
				if err != nil {
					t.Fatal(err)
				}
				if !res.Snapshot.Blind() {
					t.Error("a check that was cut short says that all is well")
				}
			})
		})
	}
}

func TestNoLookAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		var st stage
		plan := st.plan(time.Second)
		plan.Look = func(context.Context) (*socket.Snapshot, error) { return nil, boom }
		if _, err := check.Run(t.Context(), plan); !errors.Is(err, boom) {
			t.Errorf("error %v, want %v", err, boom)
		}
	})
}

// TestInterruptedBeforeTheFirstLook: who asks for a report gets one, of nothing.
func TestInterruptedBeforeTheFirstLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var st stage
		res, err := check.Run(ctx, st.plan(time.Second))
		if err != nil || !res.Snapshot.Blind() || st.looks > 0 {
			t.Errorf("%d looks, error %v; want a result that says that nothing was seen", st.looks, err)
		}
	})
}

// TestSettlingIsSeen: a sample that takes long is no time that was seen to pass:
// of equal sockets the last is as old as the others for the verdict.
func TestSettlingIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := stage{acts: append(hold(4, 1, socket.CloseWait, 2500*time.Millisecond, always), hold(1, 5, socket.CloseWait, 4800*time.Millisecond, always)...)}
		plan := st.plan(4500 * time.Millisecond)
		plan.Every, plan.Settle, plan.Judge, plan.Settings.Grace = 200*time.Millisecond, 2*time.Second, judgeCloseWait, time.Second
		slow := false
		plan.Look = func(ctx context.Context) (*socket.Snapshot, error) {
			s, err := st.look(ctx)
			if !slow && time.Since(st.begin) > 5500*time.Millisecond { // the exercise is over for a while
				slow = true
				time.Sleep(3 * time.Second)
			}
			return s, err
		}
		res, err := check.Run(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Findings) == 0 || len(res.Findings[0].Sockets) != 5 {
			t.Errorf("findings %+v, want one with 5 sockets", res.Findings)
		}
	})
}
