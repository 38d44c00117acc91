package report

import (
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// half makes n sockets of the process in CLOSE_WAIT.
func half(p socket.ProcessID, from, n int) []*socket.Socket {
	var list []*socket.Socket
	for i := range n {
		list = append(list, fixtureSocket(p, from+i, socket.CloseWait, "10.0.0.1:40001", "10.0.0.5:5432"))
	}
	return list
}

// TestSums: the last lines count each socket once, and their numbers fit.
func TestSums(t *testing.T) {
	procs := fixtureProcesses()
	api := procs[0].ID
	held, more, established := half(api, 100, 5), half(api, 200, 3), fixtureSocket(api, 1, socket.Established, "10.0.0.1:1", "10.0.0.2:1")
	shared := fixtureSocket(api, 2, socket.Listen, "0.0.0.0:80", "0.0.0.0:0")
	shared.Holders = append(shared.Holders, socket.Holder{Process: procs[1].ID, FD: 3})
	queued := half(socket.ProcessID{}, 300, 4)
	for _, s := range queued {
		s.Listener = shared.Inode
	}
	leaked := func(list ...*socket.Socket) leak.Finding {
		return leak.Finding{Rule: "close-wait-eof-read", Level: leak.Leak, Process: api, Sockets: list}
	}
	suspected := leak.Finding{Rule: "fin-wait2-held", Level: leak.Suspect, Process: api, Sockets: more}
	limit := leak.Finding{Rule: "fd-limit", Level: leak.Leak, Process: api}
	for _, c := range []struct {
		name     string
		sockets  []*socket.Socket
		findings []leak.Finding
		want     string
	}{
		{"held, queued and suspected", concat(held, more, queued, shared, established),
			[]leak.Finding{leaked(held...), leaked(queued...), suspected},
			"leak: 9 sockets leaked, 3 suspected (14 sockets of 3 processes, 2 samples in 30s)\n" +
				"sockets: 14 = 9 leaked + 3 suspected + 2 without a finding\n" +
				"of these: 14 = 10 held + 4 in accept queues\n" +
				"descriptors: 11 of 10 sockets (11 tcp), 11 identified\ntcp: 12 CLOSE_WAIT, 1 ESTABLISHED, 1 LISTEN\n"},
		{"two findings about the same sockets", concat(held, more, nil), []leak.Finding{leaked(held...), leaked(held[:2]...), suspected, suspected},
			"leak: 5 sockets leaked, 3 suspected (8 sockets of 3 processes, "},
		{"a finding about no socket", concat(nil, nil, nil, established), []leak.Finding{limit}, "leak: 1 finding (1 socket of "},
		{"sockets of nobody", concat(nil, nil, half(socket.ProcessID{}, 400, 2), established),
			[]leak.Finding{leaked(half(socket.ProcessID{}, 400, 2)...)}, "leak: 2 sockets leaked (3 sockets of 3 processes, 2 samples in 30s)\n" +
				"sockets: 3 = 2 leaked + 1 without a finding\nof these: 3 = 1 held + 2 held by other processes, or by none\n"},
		{"nothing", concat(nil, nil, nil, established), nil, "clean: no leaked socket found (1 socket of 3 processes, "},
		{"closed by the peer, not explained", concat(held, nil, nil, established), nil,
			"no leak found, but 5 sockets in CLOSE_WAIT not judged (6 sockets of 3 processes, 2 samples in 30s)\n" +
				"sockets: 6 = 5 not judged + 1 without a finding\nnot judged: 5 CLOSE_WAIT, the oldest for at least 1h30m: too young, in use, or too little is known of them\n"},
		{"explained by a note", held, []leak.Finding{{Rule: "time-wait", Level: leak.Note, Process: api, Sockets: held}},
			"clean: no leaked socket found (5 sockets of 3 processes, 2 samples in 30s)\nsockets: 5 = 5 in notes\n"},
	} {
		r := fixtureReport(fixtureSnapshot(procs, c.sockets), c.findings)
		if n := len(NewList(r, func(*socket.Socket) bool { return true }, nil, nil).Sockets); n != r.Tally.Sockets() && c.name != "sockets of nobody" {
			t.Errorf("%s: a list has %d sockets, the page counts %d", c.name, n, r.Tally.Sockets())
		}
		out := string(write(t, table(), r, Options{}))
		if !strings.Contains(out, "\n"+c.want) && !strings.HasPrefix(out, c.want) {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, out)
		}
		if strings.Contains(out, "clean") && r.Tally.NotJudged > 0 {
			t.Errorf("%s: clean beside what was not judged:\n%s", c.name, out)
		}
	}
}

// TestUnread: processes that could not be read are not counted as looked at.
func TestUnread(t *testing.T) {
	s := fixtureSnapshot(fixtureProcesses(), half(socket.ProcessID{PID: 42, Start: 100}, 1, 2))
	s.Unread = 2
	s.Gaps = []socket.Gap{{Where: "2 of 3 processes", Why: "permission denied", Count: 1, Blinds: true}}
	out := string(write(t, table(), fixtureReport(s, nil), Options{}))
	if !strings.Contains(out, "inconclusive: not enough was visible (2 sockets of 1 of 3 processes, the others could not be read") {
		t.Errorf("got\n%s", out)
	}
}

func concat(a, b, c []*socket.Socket, more ...*socket.Socket) []*socket.Socket {
	var list []*socket.Socket
	for _, l := range [][]*socket.Socket{a, b, c, more} {
		list = append(list, l...)
	}
	for i, s := range list {
		s.TCP.LastAckRecv = 90*time.Minute - time.Duration(i)*time.Millisecond
	}
	return list
}
