package check_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestLateSample: what a busy machine kept from being seen is no clean end.
func TestLateSample(t *testing.T) {
	const sec, msec = time.Second, time.Millisecond
	// A process of 1.1 s, six seconds into the command.
	one := func(acts ...act) []actor {
		return []actor{{pid: 40, name: "sh", to: 9 * sec}, {pid: 42, name: "t", from: 6 * sec, to: 7100 * msec, acts: acts}}
	}
	half := func(from time.Duration) []act { return hold(5, 1, socket.CloseWait, from, always) }
	for name, tc := range map[string]struct {
		cast  []actor
		busy  [2]time.Duration
		want  string
		blind string // part of why
	}{
		"closed by the peer just before": {one(half(6300 * msec)...), [2]time.Duration{6360 * msec, 7200 * msec}, "note:left-open", "5 tcp CLOSE_WAIT open in the last sample"},
		"held for most of what was seen": {one(half(6050 * msec)...), [2]time.Duration{6360 * msec, 7200 * msec}, "leak:test", ""},
		"connected":                      {one(hold(2, 1, socket.Established, 6100*msec, always)...), [2]time.Duration{6360 * msec, 7200 * msec}, "note:left-open", "2 tcp ESTABLISHED open in the last sample"},
		"nothing yet":                    {one(half(6400 * msec)...), [2]time.Duration{6360 * msec, 7200 * msec}, "", "a sample was"},
		"never seen":                     {one(half(6100 * msec)...), [2]time.Duration{6 * sec, 7200 * msec}, "", "a sample was"},
		"nothing, and most was seen":     {one(), [2]time.Duration{6800 * msec, 7200 * msec}, "", ""},
		"in time":                        {one(half(7050 * msec)...), [2]time.Duration{}, "note:left-open", "5 tcp CLOSE_WAIT open in the last sample"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := play{cast: tc.cast, busy: tc.busy}
				res := p.follow(t)
				if got := rules(res); got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
				why := ""
				for _, g := range res.Snapshot.Gaps {
					if g.Blinds {
						why += g.Why
					}
				}
				if (why == "") != (tc.blind == "") && !strings.HasPrefix(tc.want, "leak") || !strings.Contains(why, tc.blind) {
					t.Errorf("not seen: %q, want %q in it", why, tc.blind)
				}
			})
		})
	}
}
