package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// listFixture is a report whose sockets show what each column can say.
func listFixture() *Report {
	r := leakyReport()
	api, worker := r.Snapshot.Processes[0].ID, r.Snapshot.Processes[2].ID
	held := fixtureSocket(api, 20, socket.Established, "10.0.0.1:80", "10.0.0.1:40009")
	held.RecvQ, held.Peer = 12, &socket.Peer{State: socket.Established, Inode: 1, Holders: []socket.Holder{{Process: worker, FD: 7}}}
	held.Holders = append(held.Holders, socket.Holder{Process: api, FD: 24}, socket.Holder{Process: api, FD: 25}, socket.Holder{Process: api, FD: 26})
	held.Watch = &socket.Watch{Waiters: []socket.Waiter{{Kind: socket.ThreadWaiter, Process: api, ID: 42, Call: "recvfrom",
		Frames: []socket.Frame{{Function: "recv", File: "/usr/lib/socket.py", Line: 1}, {Function: "serve", File: "/srv/api/api.py", Line: 12, Own: true}}}}}
	held.Origin = &socket.Origin{Call: "accept4", Frames: []socket.Frame{{Function: "main", File: "/srv/api/api.py", Line: 30, Own: true}}}
	listener := fixtureSocket(api, 21, socket.Listen, "0.0.0.0:80", "0.0.0.0:0")
	listener.SendQ, listener.Watch = 128, &socket.Watch{Epolls: []socket.EpollWatch{{Events: socket.EpollIn}}}
	queued := fixtureSocket(socket.ProcessID{}, 22, socket.Established, "10.0.0.1:80", "10.0.0.9:999")
	queued.Listener = listener.Inode
	young := fixtureSocket(worker, 23, socket.CloseWait, "10.0.0.1:40010", "10.0.0.5:5432")
	young.Peer = &socket.Peer{Gone: true}
	odd := &socket.Socket{Inode: 2030, ProtoName: "SMC", Holders: []socket.Holder{{Process: worker, FD: 30}}}
	r.Snapshot.Sockets = append(r.Snapshot.Sockets, held, listener, queued, young, odd)
	return fixtureReport(r.Snapshot, r.Findings)
}

func all(*socket.Socket) bool { return true }

func TestListGolden(t *testing.T) {
	r := listFixture()
	for name, write := range map[string]func(b *bytes.Buffer) error{
		"list.table": func(b *bytes.Buffer) error {
			_, err := NewList(r, all, nil, nil).WriteTable(b, Options{})
			return err
		},
		"list.80": func(b *bytes.Buffer) error {
			left, err := NewList(r, all, nil, []string{"verdict", "-age"}).WriteTable(b, Options{Width: 80})
			b.WriteString("left out: " + strings.Join(left, ", ") + "\n")
			return err
		},
		"list.tsv":  func(b *bytes.Buffer) error { return NewList(r, all, columnNames(), nil).WriteTSV(b) },
		"list.json": func(b *bytes.Buffer) error { return NewList(r, all, nil, nil).WriteJSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		compareGolden(t, name, b.Bytes())
	}
}

func columnNames() []string {
	var names []string
	for _, c := range Columns() {
		names = append(names, c.Name)
	}
	return names
}

// TestListFits: no line is wider than the terminal unless columns were asked for.
func TestListFits(t *testing.T) {
	for _, r := range []*Report{listFixture(), hostileReport(hostileText)} {
		for width := 20; width < 200; width++ {
			var b bytes.Buffer
			l := NewList(r, all, nil, nil)
			left, err := l.WriteTable(&b, Options{Width: width})
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := words.Width(strings.TrimSuffix(line, "\n")); n > width {
					t.Fatalf("width %d: a line of %d columns:\n%s", width, n, line)
				}
			}
			if n := strings.Count(b.String(), "\n"); n != 1+len(l.Sockets) || len(left) >= len(l.Columns) {
				t.Fatalf("width %d: %d lines of %d sockets, %d of %d columns left out", width, n, len(l.Sockets), len(left), len(l.Columns))
			}
		}
	}
}

// TestListForPrograms: every line of TSV has a field for each column, whatever
// other processes are called, and JSON says the same of each socket.
func TestListForPrograms(t *testing.T) {
	for _, r := range []*Report{listFixture(), hostileReport(hostileText)} {
		l := NewList(r, all, columnNames(), nil)
		var tsv, doc bytes.Buffer
		if err := l.WriteTSV(&tsv); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(tsv.String(), "\n"), "\n")
		if len(lines) != 1+len(l.Sockets) {
			t.Errorf("%d lines of %d sockets:\n%s", len(lines), len(l.Sockets), tsv.String())
		}
		for _, line := range lines {
			if n := strings.Count(line, "\t"); n != len(l.Columns)-1 || clean(line) != "" {
				t.Errorf("%d fields of %d, or control characters: %q", n+1, len(l.Columns), line)
			}
		}
		if err := l.WriteJSON(&doc); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Sockets []struct {
				Verdict string
				State   string
				FD      *int
			}
		}
		if err := json.Unmarshal(doc.Bytes(), &got); err != nil || len(got.Sockets) != len(l.Sockets) {
			t.Fatalf("%d sockets of %d, %v", len(got.Sockets), len(l.Sockets), err)
		}
		look := newListing(r)
		for i, s := range l.Sockets {
			if got.Sockets[i].Verdict != look.verdict(s) || got.Sockets[i].State != s.State.String() {
				t.Errorf("socket %d is %+v", i, got.Sockets[i])
			}
		}
	}
}

// clean returns the control characters of a line, but for tabs.
func clean(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f) {
			return r
		}
		return -1
	}, line)
}
