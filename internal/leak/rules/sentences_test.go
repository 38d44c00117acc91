package rules

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// found returns the only finding above a note, and all that it says.
func found(t *testing.T, h *track.History) (leak.Finding, string) {
	t.Helper()
	var above []leak.Finding
	for _, f := range Judge(h, leak.Defaults()) {
		if f.Level >= leak.Suspect {
			above = append(above, f)
		}
	}
	if len(above) != 1 {
		t.Fatalf("%d findings:\n%s", len(above), describe(above))
	}
	f := above[0]
	return f, strings.Join(append(append([]string{f.Summary, f.Matters}, f.Evidence...), f.Unknown...), "\n")
}

// The tests below are each about a sentence that was once said and was not
// true.

// TestTCPGivesUp: what is unacknowledged is not waited for for ever.
func TestTCPGivesUp(t *testing.T) {
	_, text := found(t, look(clients(3, sendQ(100), timer(socket.Retransmit, 8), silent(time.Minute), sent(time.Minute), thread("recvfrom"))))
	if !strings.Contains(text, "TCP gives up after") || strings.Contains(text, "never") || strings.Contains(text, "for ever") {
		t.Errorf("got\n%s", text)
	}
}

// TestTrendOfWhatIsNamed: growth is that of the sockets of the finding, not of
// all sockets of their kind, and no more have come than there are.
func TestTrendOfWhatIsNamed(t *testing.T) {
	h := looks(16, func(i int) []part {
		other := func(snap *socket.Snapshot) { // two living connections more at each look
			add(2*i, socket.Socket{Family: socket.Unix, Type: socket.Stream, State: socket.Established, Presence: socket.InTable, Inode: 50_000,
				UnixInfo: &socket.UnixInfo{Path: "/run/api.sock", PeerInode: 9}}, []trait{epoll(socket.EpollIn)})(snap)
		}
		return []part{unixSockets(i+3, true), other}
	})
	f, _ := found(t, h)
	if f.Trend.Rate < 0.9 || f.Trend.Rate > 1.1 || f.Trend.To < len(f.Sockets) {
		t.Errorf("%d sockets, trend %+v; one comes at each look", len(f.Sockets), f.Trend)
	}
}

// TestAgeIsThatOfTheOldest: the age is at least that of the first socket, and
// nothing is said of when the newest came.
func TestAgeIsThatOfTheOldest(t *testing.T) {
	f, text := found(t, look(accepted(4, in(socket.CloseWait), func(s *socket.Socket, i int) { silent(time.Duration(10+i)*10*time.Second)(s, i) })))
	if f.Age.AtLeast != 130*time.Second || strings.Contains(text, "newest") {
		t.Errorf("age %s\n%s", f.Age.AtLeast, text)
	}
}

// TestBacklogIsTheListeners: a queue is not said to be longer than it can be,
// and nothing is said of a backlog that is not known.
func TestBacklogIsTheListeners(t *testing.T) {
	clients := queued(3, silent(40*time.Second))
	for name, tc := range map[string]struct {
		listener part
		want     string
	}{
		"known":     {listener(recvQ(3), nobody()), "3 wait in a queue with a backlog of 128"},
		"not known": {listener(facts(socket.HasState|socket.HasAddrs), sendQ(0), nobody()), ""},
	} {
		_, text := found(t, look(tc.listener, clients))
		if tc.want != "" && !strings.Contains(text, tc.want) || regexp.MustCompile(`\b(backlog of|at most) 0\b`).MatchString(text) ||
			tc.want == "" && strings.Contains(text, "backlog") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

// TestTimeWaitOfOthers: what other programs have closed is not said to be the
// target's.
func TestTimeWaitOfOthers(t *testing.T) {
	elsewhere := addr("10.9.9.9:443")
	list := Judge(look(clients(2), ownerless(socket.TimeWait, 150, addr("10.0.0.1:0"), elsewhere)), leak.Defaults())
	for _, f := range list {
		if f.Rule == "time-wait" || strings.Contains(f.Summary, fmt.Sprint(elsewhere)) {
			t.Errorf("said of api: %s", f.Summary)
		}
	}
	mine := Judge(look(clients(2), ownerless(socket.TimeWait, 150, addr("10.0.0.1:0"), db)), leak.Defaults())
	if len(mine) != 1 || mine[0].Rule != "time-wait" || mine[0].Process != api {
		t.Errorf("where api is connected:\n%s", describe(mine))
	}
}

// TestSumsAreOne: sockets whose peers closed a little differently are one
// leak, of which each socket is counted once.
func TestSumsAreOne(t *testing.T) {
	read := accepted(5, in(socket.CloseWait), silent(time.Minute))
	unread := func(snap *socket.Snapshot) {
		s := tcp
		s.Local, s.Inode = port, 200_000
		add(4, s, []trait{in(socket.CloseWait), recvQ(1), silent(time.Minute), func(s *socket.Socket, i int) {
			s.Remote = addr(fmt.Sprintf("10.0.0.7:%d", 40000+i))
		}})(snap)
	}
	f, _ := found(t, look(read, unread))
	seen := map[*socket.Socket]bool{}
	for _, s := range f.Sockets {
		seen[s] = true
	}
	if len(f.Sockets) != 9 || len(seen) != 9 || !strings.Contains(f.Summary, "holds 9 sockets") {
		t.Errorf("%d sockets, %d of them once: %s", len(f.Sockets), len(seen), f.Summary)
	}
}
