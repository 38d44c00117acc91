package track

import (
	"testing"
	"time"
)

// TestJoinCountsLooks: what is joined of several processes says how many looks
// there were.
func TestJoinCountsLooks(t *testing.T) {
	a, b := NewHistory(), NewHistory()
	for i := range 5 {
		a.Add(snapshot(dawn.Add(time.Duration(i)*time.Second), "b", api, 1))
	}
	for i := range 3 {
		b.Add(snapshot(dawn.Add(time.Duration(i+10)*time.Second), "b", api, 1))
	}
	if h := Join(a.Now(), []*History{a, b}); h.Count() != 8 || len(h.Looks()) != 8 || h.Window() != 12*time.Second {
		t.Errorf("%d looks, %d entries in %s", h.Count(), len(h.Looks()), h.Window())
	}
	if h := Join(a.Now(), nil); h.Count() != 1 {
		t.Errorf("%d looks without a history", h.Count())
	}
}
