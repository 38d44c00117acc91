package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// traffic: so many bytes came in and went out, last so long ago.
func traffic(in, out uint64, ago time.Duration) trait {
	return func(s *socket.Socket, _ int) {
		s.TCP.BytesReceived, s.TCP.BytesSent = in, out
		s.TCP.LastDataRecv, s.TCP.LastDataSent, s.TCP.LastAckRecv = ago, ago, ago
	}
}

func evidenceOf(t *testing.T, rule string, parts ...part) string {
	t.Helper()
	for _, f := range Judge(look(parts...), leak.Defaults()) {
		if f.Rule == rule {
			return strings.Join(f.Evidence, "\n")
		}
	}
	t.Fatalf("no finding of %s", rule)
	return ""
}

// A proxy's clients have gone; what it holds upstream is paired with them.
func TestOtherLegs(t *testing.T) {
	gone := []trait{in(socket.CloseWait), recvQ(0), traffic(2000, 90_000, time.Minute)}
	for _, tc := range []struct {
		name     string
		upstream part
		want     string
	}{
		{"the same bytes at the same time", clients(3, traffic(90_010, 2_100, time.Minute+200*time.Millisecond)),
			"hint: all of 3 may be relayed to 10.0.0.5:5432 (ESTABLISHED)"},
		{"most have a counterpart", clients(2, traffic(90_000, 2_000, time.Minute)), "hint: 2 of 3 may be relayed"},
		{"too few have one", clients(1, traffic(90_000, 2_000, time.Minute)), ""},
		{"other bytes", clients(3, traffic(50_000, 2_000, time.Minute)), ""},
		{"the same direction", clients(3, traffic(2_000, 90_000, time.Minute)), ""},
		{"at another time", clients(3, traffic(90_000, 2_000, 3*time.Second)), ""},
		{"no upstream at all", udp(1, 53), ""},
	} {
		got := evidenceOf(t, "close-wait-eof-read", accepted(3, gone...), tc.upstream)
		if tc.want == "" && strings.Contains(got, "hint:") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: evidence\n%s\nwant %q", tc.name, got, tc.want)
		}
	}
	back := evidenceOf(t, "close-wait-eof-read", clients(3, gone...), accepted(3, traffic(90_000, 2_000, time.Minute)))
	if !strings.Contains(back, "may be relayed from 10.0.0.7, clients of port 8080 (ESTABLISHED)") {
		t.Errorf("upstream legs: evidence\n%s", back)
	}
}

func TestAlsoHeld(t *testing.T) {
	gone := []trait{in(socket.CloseWait), recvQ(0), silent(time.Minute)}
	both := heldBy(socket.Holder{Process: api, FD: 5}, socket.Holder{Process: child, FD: 9})
	if got := evidenceOf(t, "close-wait-eof-read", clients(3, append(gone, both)...)); !strings.Contains(got, "also held by child (pid 43) fd 9") {
		t.Errorf("evidence\n%s", got)
	}
	if got := evidenceOf(t, "close-wait-eof-read", clients(3, gone...)); strings.Contains(got, "also held") {
		t.Errorf("nobody else holds them: evidence\n%s", got)
	}
}
