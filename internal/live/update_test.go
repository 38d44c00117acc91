package live

import (
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestWheel: the wheel moves what is seen, and the next key the cursor to there.
func TestWheel(t *testing.T) {
	m := shown(film("api", [2]int{0, 100}), Style{}, 100, 20, "G", "enter")
	for range 4 {
		m, _ = m.Update(Wheel(10))
	}
	m, _ = m.Update(Key("j"))
	if p := m.here(); p.cursor != 40 {
		t.Errorf("40 lines down and a key: the cursor is on row %d, the first line is %d", p.cursor, p.top)
	}
	m, _ = m.Update(Wheel(-1000))
	m, _ = m.Update(Key("k"))
	if p := m.here(); p.top != 0 || p.cursor != 16 { // the last that is to be seen
		t.Errorf("back at the top and a key: the cursor is on row %d, the first line is %d", p.cursor, p.top)
	}
}

// TestUpdateChangesNothing: the model before a message is still the same after
// it, so that nothing is shared between two of them.
func TestUpdateChangesNothing(t *testing.T) {
	s := film("api", [2]int{0, 4}, [2]int{3, 4}, [2]int{9, 3})
	m := shown(s, Style{}, 80, 24)
	before := m.View()
	for _, msg := range []any{Key("j"), Key("enter"), Key("s"), Key("S"), Key("/"), Key("?"), Key("c"), Key("e"), Key(" "), Wheel(3), Click{5, 8}, Size{40, 10}, Told("x"), s} {
		if _, _ = m.Update(msg); m.View() != before {
			t.Fatalf("%T %v changes the model that it was sent to:\n%s", msg, msg, m.View())
		}
	}
}

// TestCursorStays: whatever the order becomes, the cursor is on the same socket.
func TestCursorStays(t *testing.T) {
	m := shown(film("api", [2]int{5, 5}), Style{}, 100, 30, "G", "enter", "j", "j", "j")
	on := m.here().key
	m, _ = m.Update(film("api", [2]int{0, 3}, [2]int{5, 20}))
	if m.here().key != on || m.here().key == nil {
		t.Errorf("it was on %v, and is on %v", on, m.here().key)
	}
}

// TestFindingWithoutProcess: what is about no process has its way too on the
// page of the whole machine.
func TestFindingWithoutProcess(t *testing.T) {
	s := host(3)
	f := &leak.Finding{Rule: "port-exhaustion", Level: leak.Leak, Summary: "ports run out"}
	s.Findings = append(s.Findings, Finding{Finding: f, Headline: f.Summary, place: placeOf(f)})
	s.ownerless()
	m := shown(s, Style{}, 100, 30, "/", "n", "o", " ", "p", "r", "o", "enter", "enter")
	if text := m.View(); !strings.Contains(text, "port-exhaustion") || strings.Contains(text, "close-wait") {
		t.Errorf("it is not there:\n%s", text)
	}
}

// TestCommands: what is copied is what the tools take.
func TestCommands(t *testing.T) {
	s := film("api", [2]int{2, 1})
	v6 := &s.Sockets[0]
	v6.Socket.NetNS = 7 // of another namespace than sockleak's
	m := shown(s, Style{}, 100, 30, "enter")
	m.opt.NetNS = 1
	var got []string
	for _, c := range append(m.socketCommands(s, v6.ID()), m.findingCommands(s, s.Findings[0].place)...) {
		got = append(got, c.text)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"nsenter -t 42 -n ss -tanpoie src 10.0.0.1:8080 dst 10.0.0.5:3300", "sockleak explain close-wait-eof-read",
		"ss -tanpoie state close-wait 'sport = :8080'"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if got := strings.Join([]string{ssState(socket.FinWait2), ssState(socket.SynRecv), ssState(socket.Listen)}, " "); got != "fin-wait-2 syn-recv listening" {
		t.Error(got)
	}
}
