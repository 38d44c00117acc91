package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func TestOpenedLines(t *testing.T) {
	own := socket.Frame{Function: "fetch", File: "/srv/pool.py", Line: 31, Own: true}
	library := socket.Frame{Function: "accept", File: "/usr/lib/python3.11/socket.py", Line: 294}
	start := &socket.Frame{Function: "main.run", File: "/srv/main.go", Line: 9, Own: true}
	opened := func(o socket.Origin) *socket.Socket { return &socket.Socket{Origin: &o} }
	f := &leak.Finding{Sockets: []*socket.Socket{
		opened(socket.Origin{Call: "socket", Frames: []socket.Frame{library, own}}),
		opened(socket.Origin{Call: "socket", Frames: []socket.Frame{library, own}}),
		opened(socket.Origin{Call: "accept4", Frames: []socket.Frame{library}, Start: start}),
		opened(socket.Origin{Call: "accept4", Name: "node", Doubt: "stacks of node cannot be read from outside"}),
		{},
	}}
	short := []string{
		"/srv/pool.py:31 in fetch (2 of 5)",
		"/usr/lib/python3.11/socket.py:294 in accept (1 of 5), a library's code; started at /srv/main.go:9 in main.run",
		`by accept4 in thread "node" (1 of 5): stacks of node cannot be read from outside`,
	}
	if got := openedLines(f, false); !slices.Equal(got, short) {
		t.Errorf("%q; want %q", got, short)
	}
	long := []string{
		short[0], "  /usr/lib/python3.11/socket.py:294 in accept", "  /srv/pool.py:31 in fetch",
		short[1], "  /usr/lib/python3.11/socket.py:294 in accept", "  started at /srv/main.go:9 in main.run",
		short[2],
	}
	if got := openedLines(f, true); !slices.Equal(got, long) {
		t.Errorf("-v: %q; want %q", got, long)
	}
	r := &Report{Traced: true, Snapshot: &socket.Snapshot{Processes: []socket.Process{{ID: socket.ProcessID{PID: 7}, Runtime: socket.Python}}}}
	unseen := &leak.Finding{Process: socket.ProcessID{PID: 7}, Sockets: []*socket.Socket{{}}}
	if got := openedOrHow(r, unseen, false); len(got) != 1 || !strings.Contains(got[0], "tracemalloc") {
		t.Errorf("%q; want what names the line in Python", got)
	}
	r.Traced = false
	if got := openedOrHow(r, unseen, false); len(got) != 0 {
		t.Errorf("%q of one that nobody asked about", got)
	}
	d := documentOpenings(f.Openings())
	if len(d) != 3 || d[0].Count != 2 || d[0].At.Line != 31 || len(d[0].Frames) != 2 || d[1].StartedBy.Line != 9 || d[2].At != nil || d[2].Doubt == "" {
		t.Errorf("openings %+v", d)
	}
}

// The line names the test that came there, unless it is the test's own.
func TestOpenedByTests(t *testing.T) {
	fetch := socket.Frame{Function: "shop.Fetch", File: "shop.go", Line: 8, Own: true}
	test := func(name string, above ...socket.Frame) *socket.Socket {
		return &socket.Socket{Origin: &socket.Origin{Frames: append(above, socket.Frame{Function: "shop." + name, File: "shop_test.go", Line: 5, Own: true})}}
	}
	f := &leak.Finding{Sockets: []*socket.Socket{test("TestA", fetch), test("TestB", fetch), test("TestA", fetch), test("TestA")}}
	want := []string{"shop.go:8 in shop.Fetch, by TestA and 1 other test (3 of 4)", "shop_test.go:5 in shop.TestA (1 of 4)"}
	if got := openedLines(f, false); !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
	if d := documentOpenings(f.Openings()); len(d) != 2 || !slices.Equal(d[0].Tests, []string{"TestA", "TestB"}) {
		t.Errorf("openings %+v", d)
	}
}

// What is in no finding is named too, for who traces to see what opens sockets.
func TestOpenedBeside(t *testing.T) {
	id := socket.ProcessID{PID: 7}
	opened := func(line int) *socket.Socket {
		return &socket.Socket{Holders: []socket.Holder{{Process: id}}, Origin: &socket.Origin{Call: "accept4", Frames: []socket.Frame{
			{Function: "Server.get_request", File: "/usr/lib/python3.11/socketserver.py", Line: line}}}}
	}
	leaked := opened(9)
	r := &Report{Traced: true, Findings: []leak.Finding{{Level: leak.Leak, Sockets: []*socket.Socket{leaked}}},
		Snapshot: &socket.Snapshot{Processes: []socket.Process{{ID: id, Target: true}}, Sockets: []*socket.Socket{leaked, opened(505), opened(505), {}}}}
	want := "opened meanwhile, without a finding: 2 at /usr/lib/python3.11/socketserver.py:505 in Server.get_request"
	if got := besideLine(r); got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if d := documentOpenings(openedBeside(r)); len(d) != 1 || d[0].Count != 2 || d[0].At.Line != 505 {
		t.Errorf("openings %+v", d)
	}
	r.Traced = false
	if got := besideLine(r); got != "" {
		t.Errorf("%q of what nobody asked about", got)
	}
}
