package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// traced: a trace saw the process make the socket so long before the first look,
// and the data on it since; the data ended at once.
func traced(by socket.ProcessID, ago time.Duration, data socket.DataLife) trait {
	return func(s *socket.Socket, _ int) {
		at := taken.Add(-ago)
		if data.Last.IsZero() && data.Answers > 0 {
			data.Last = at
		}
		s.Origin = &socket.Origin{Process: by, At: at, Ticks: 8} // after api began, and before its child did
		s.Life = &socket.Life{Whole: true, Data: &data}
	}
}

// segments: as many were sent and received on each as TLS needs for a question.
func segments(n uint32) trait {
	return func(s *socket.Socket, _ int) {
		s.Facts |= socket.HasDataSegs
		s.TCP.DataSegsOut, s.TCP.DataSegsIn, s.TCP.BytesSent, s.TCP.BytesReceived = n, n, 900, 900
	}
}

// What a trace saw of the data tells one use from many, where segments do not.
func TestTracedUses(t *testing.T) {
	one := socket.DataLife{Answers: 3, Takings: 1, Inward: true}
	inTurn := func(data socket.DataLife) trait {
		return func(s *socket.Socket, i int) {
			ago := time.Duration(60-5*i) * time.Second
			silent(ago)(s, i)
			traced(api, ago, data)(s, i)
		}
	}
	judge := func(traits ...trait) string {
		return describe(Judge(look(clients(6, append([]trait{nobody(), segments(5)}, traits...)...)), leak.Defaults()))
	}
	if got := judge(func(s *socket.Socket, i int) { silent(time.Duration(60-5*i)*time.Second)(s, i) }); got != "" {
		t.Errorf("without a trace five segments are not known to be one use:\n%s", got)
	}
	if got := judge(inTurn(one)); !strings.Contains(got, "slow-leak") || !strings.Contains(got, "as traced, 6 of 6 used once; 5 more opened after the first had fallen silent") {
		t.Errorf("each was used once, one after another:\n%s", got)
	}
	if got := judge(inTurn(socket.DataLife{Answers: 4, Takings: 2, Inward: true})); got != "" {
		t.Errorf("each was taken up again:\n%s", got)
	}
}

// Who was taken up again after a silence is in a pool, also in CLOSE_WAIT.
func TestTracedPool(t *testing.T) {
	dead := []trait{in(socket.CloseWait), recvQ(1), silent(time.Minute), segments(3)}
	again := append(slices.Clone(dead), traced(api, 2*time.Minute, socket.DataLife{Answers: 2, Takings: 2}))
	if got := describe(Judge(look(clients(3, dead...)), leak.Defaults())); !strings.Contains(got, "dead-pool") {
		t.Errorf("without a trace:\n%s", got)
	}
	if got := describe(Judge(look(clients(3, again...)), leak.Defaults())); got != "" {
		t.Errorf("taken up again:\n%s", got)
	}
}

// A trace knows who made what a child holds.
func TestTracedInheritance(t *testing.T) {
	kept := heldBy(socket.Holder{Process: child, FD: 7, FlagsKnown: true, Inheritable: true})
	started := func(snap *socket.Snapshot) { snap.Processes[1].Started = taken.Add(-20 * time.Second) }
	judge := func(more ...trait) string {
		return describe(Judge(look(started, clients(1, append([]trait{silent(19 * time.Second), nobody(), kept}, more...)...)), leak.Defaults()))
	}
	if got := judge(); got != "" {
		t.Errorf("without a trace it may be the child's own:\n%s", got)
	}
	if got := judge(traced(api, 21*time.Second, socket.DataLife{})); !strings.Contains(got, "leak inherited") || !strings.Contains(got, "as traced, api (pid 42) made it 21s ago") {
		t.Errorf("its parent has made it:\n%s", got)
	}
	handed := func(s *socket.Socket, i int) {
		traced(api, 21*time.Second, socket.DataLife{})(s, i)
		s.Origin.Ticks = 10
	}
	if got := judge(handed); got != "" {
		t.Errorf("it is younger than the child, so that it was handed over:\n%s", got)
	}
	left := func(s *socket.Socket, i int) {
		traced(api, 21*time.Second, socket.DataLife{})(s, i)
		s.Life.Left = &socket.Leaving{Process: api, At: taken.Add(-18 * time.Second)}
	}
	if got := judge(left); !strings.Contains(got, "as traced, api (pid 42) closed its descriptor 18s ago") {
		t.Errorf("its parent has closed its copy:\n%s", got)
	}
	old := func(snap *socket.Snapshot) { snap.Processes[1].Started = taken.Add(-5 * time.Second) }
	own := traced(child, 19*time.Second, socket.DataLife{})
	if got := describe(Judge(look(old, clients(1, silent(19*time.Second), nobody(), kept, own)), leak.Defaults())); got != "" {
		t.Errorf("it has made it itself, whatever the clocks say:\n%s", got)
	}
}
