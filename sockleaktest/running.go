package sockleaktest

import "strings"

// running are the tests of the process that were going on at a moment, beside
// the one that asks.
type running struct {
	active map[int]string // by goroutine
	paused map[int]string // in t.Parallel, until the tests that are not parallel are over
}

// otherTests finds the tests that run beside the calling one. Those that wait
// for their subtests are left out: the subtests stand for them.
func otherTests(all []goroutine) running {
	r := running{active: map[int]string{}, paused: map[int]string{}}
	for i, g := range all {
		name, ok := testOf(g)
		switch {
		case i == 0 || !ok: // the caller comes first
		case strings.HasPrefix(g.top(), "testing.(*T).Run"), strings.HasPrefix(g.top(), "testing.tRunner"):
		case g.in("testing.(*T).Parallel"):
			r.paused[g.id] = name
		default:
			r.active[g.id] = name
		}
	}
	return r
}

// testOf returns the test function that a goroutine is to run.
func testOf(g goroutine) (string, bool) {
	for i, f := range g.frames {
		if f.function == "testing.tRunner" && i > 0 {
			return g.frames[i-1].function, true
		}
	}
	return "", false
}

// since returns a test that may have opened sockets since a moment: one that
// runs now, or that ran and is paused now.
func (r running) since(begin running) (string, bool) {
	for _, name := range r.active {
		return name, true
	}
	for id, name := range r.paused {
		if _, before := begin.paused[id]; !before {
			return name, true
		}
	}
	return "", false
}
