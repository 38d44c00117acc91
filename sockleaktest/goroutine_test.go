package sockleaktest

import "testing"

// stacks is what runtime.Stack writes, shortened: the caller, a goroutine that
// waits in Go's poller, and one with frames that were left out.
const stacks = `goroutine 7 [running]:
x.TestX(0x175a9ea34908?)
	/tmp/slx/x_test.go:12 +0x275
testing.tRunner(0x175a9ea34908, 0x7ec958)
	/usr/local/go/src/testing/testing.go:2036 +0xea
created by testing.(*T).Run in goroutine 1
	/usr/local/go/src/testing/testing.go:2101 +0x4c5

goroutine 25 [IO wait, 2 minutes]:
internal/poll.runtime_pollWait(0x7f396cac1400, 0x72)
	/usr/local/go/src/runtime/netpoll.go:351 +0x85
internal/poll.(*pollDesc).waitRead(...)
	/usr/local/go/src/internal/poll/fd_poll_runtime.go:89
net.(*conn).Read(0x175a9eb8a008, {0x175a9eb9e000?, 0x0?, 0x72?})
	/usr/local/go/src/net/net.go:196 +0x45
x.TestX.func3()
	/tmp/slx/x_test.go:9 +0x1c
created by x.TestX in goroutine 7
	/tmp/slx/x_test.go:9 +0x1c6

goroutine 30 [chan receive]:
x.deep(0x1)
	/tmp/slx/x_test.go:20 +0x1c
...additional frames elided...
created by x.TestX
	/tmp/slx/x_test.go:22 +0x1c6
`

func TestParseStacks(t *testing.T) {
	all := parseStacks(stacks)
	if len(all) != 3 || all[0].id != 7 || all[1].id != 25 || all[2].id != 30 {
		t.Fatalf("%+v; want goroutines 7, 25 and 30", all)
	}
	g := all[1]
	if g.state != "IO wait, 2 minutes" || len(g.frames) != 4 || g.creator.function != "x.TestX" || g.creator.line != 9 {
		t.Errorf("%+v", g)
	}
	if f := g.frames[2]; f.function != "net.(*conn).Read" || f.file != "/usr/local/go/src/net/net.go" || f.line != 196 {
		t.Errorf("%+v", f)
	}
	if got := pollDesc(g); got != 0x7f396cac1400 {
		t.Errorf("it waits for %#x", got)
	}
	if g := all[2]; len(g.frames) != 1 || g.creator.function != "x.TestX" {
		t.Errorf("%+v", g)
	}
}

// TestPackedPointer: the poller's word as go1.21 and go1.26 pack it.
func TestPackedPointer(t *testing.T) {
	for data, address := range map[uint64]uint64{0x7f87c60518400001: 0x7f87c6051840, 0x3f9cb6560b000001: 0x7f396cac1600} {
		p := program{complete: true, polled: map[uint64]uint64{5: data}, waiting: map[uint64][]goroutine{address: {{id: 1}}}}
		if u := p.useOf(Socket{id: identity{inode: 5}}); len(u.waiting) != 1 {
			t.Errorf("%#x: %+v; want the goroutine that waits for %#x", data, u, address)
		}
		if u := p.useOf(Socket{id: identity{inode: 6}}); u.known {
			t.Errorf("a socket that the poller does not watch: %+v", u)
		}
	}
}

func FuzzParseStacks(f *testing.F) {
	f.Add(stacks)
	f.Add("goroutine 1 gp=0xc000002380 m=0 mp=0x5c0 [running]:\nmain.main()\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, g := range parseStacks(text) {
			_ = g.where()
			_ = pollDesc(g)
		}
	})
}
