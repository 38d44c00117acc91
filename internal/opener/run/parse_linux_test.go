package run

import (
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestScriptFrames(t *testing.T) {
	got := scriptFrames(`Error
    at Socket.connect (node:net:1243:7)
    at open (/srv/my app/redis.js:8:20)
    at new Pool (file:///srv/pool.mjs:31:5)
    at async Promise.all (index 0)
    at async load (/srv/node_modules/@acme/db/index.js:4:9)
    at /srv/app.js:20:3
    at Object.<anonymous> (/srv/node_modules/undici/lib/connect.js:70:16)`)
	want := []socket.Frame{
		{Function: "Socket.connect", File: "node:net", Line: 1243, Module: "node"},
		{Function: "open", File: "/srv/my app/redis.js", Line: 8, Own: true},
		{Function: "new Pool", File: "/srv/pool.mjs", Line: 31, Own: true},
		{Function: "load", File: "/srv/node_modules/@acme/db/index.js", Line: 4, Module: "@acme/db"},
		{Function: "<anonymous>", File: "/srv/app.js", Line: 20, Own: true},
		{Function: "Object.<anonymous>", File: "/srv/node_modules/undici/lib/connect.js", Line: 70, Module: "undici"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

const dump = `2026-11-27 10:00:00
Full thread dump OpenJDK 64-Bit Server VM (17.0.21 mixed mode):

"main" #1 prio=5 os_prio=0 cpu=60.61ms elapsed=0.21s tid=0x00007f5c nid=0x1f waiting on condition  [0x00007f5c]
   java.lang.Thread.State: TIMED_WAITING (sleeping)
	at java.lang.Thread.sleep(java.base@17.0.21/Native Method)
	at com.acme.Main.main(Main.java:9)

"acceptor" #14 daemon prio=5 os_prio=0 cpu=1.2ms elapsed=0.1s tid=0x00007f5d nid=0x1f2 runnable  [0x00007f5d]
   java.lang.Thread.State: RUNNABLE
	at sun.nio.ch.Net.accept(java.base@17.0.21/Native Method)
	at io.netty.channel.Loop.run(Loop.java:3)
	- locked <0x00000007> (a java.lang.Object)
	at com.acme.shop.Gateway$Inner.loop(Gateway.java:21)
	at com.acme.shop.Gateway$$Lambda$14/0x0000000800c01000.run(Unknown Source)

"pool" #22 [499] prio=5 os_prio=0 cpu=0.1ms elapsed=0.1s tid=0x00007f5e nid=499 runnable  [0x00007f5e]
	at com.acme.Main.dial(Main.java:30)
`

func TestParseJava(t *testing.T) {
	got, err := parseJava(dump, 0x1f2)
	want := []socket.Frame{
		{Function: "sun.nio.ch.Net.accept", Module: "java.base@17.0.21"},
		{Function: "io.netty.channel.Loop.run", File: "io/netty/channel/Loop.java", Line: 3},
		{Function: "com.acme.shop.Gateway$Inner.loop", File: "com/acme/shop/Gateway.java", Line: 21, Own: true},
		{Function: "com.acme.shop.Gateway$$Lambda$14/0x0000000800c01000.run"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	if got, err := parseJava(dump, 499); err != nil || len(got) != 1 || got[0].Line != 30 { // since JDK 21
		t.Errorf("%v %+v", err, got)
	}
	if got, err := parseJava(dump, 7); err == nil {
		t.Errorf("%+v of a thread that is not there", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(dump)
	f.Add(`{"number":1,"stack":"    at x (/a:1:2)"}`)
	f.Add(`{"inode":5,"at":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = parseJava(text, 0x1f2)
		scriptFrames(text)
		n := node{lines: map[uint64]*nodeNote{}}
		file := nodeFile{stacks: map[int][]socket.Frame{}}
		for line := range strings.Lines(text) {
			n.note(&file, []byte(line))
		}
	})
}

func TestEnvironment(t *testing.T) {
	n := &node{dir: "/tmp/a b"}
	got := environment([]string{"HOME=/", "NODE_OPTIONS=--no-warnings", "GODEBUG=http2client=0"}, n)
	want := []string{"HOME=/", `NODE_OPTIONS=--require="/tmp/a b/shim.js" --no-warnings`, "GODEBUG=http2client=0,tracebackancestors=10"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := environment([]string{"GODEBUG=tracebackancestors=3"}, nil); !slices.Equal(got, []string{"GODEBUG=tracebackancestors=3"}) {
		t.Errorf("got %q", got)
	}
}

// What no snapshot has asked for is forgotten, and what one has is kept.
func TestBirthsAreBounded(t *testing.T) {
	b := newBirths()
	kept := &socket.Origin{Call: "socket"}
	b.add(1, kept)
	b.add(2, &socket.Origin{})
	for inode := range uint64(4 * generation) {
		b.add(10+inode, &socket.Origin{})
		if inode%(generation/2) == 0 && b.origin(1) != kept {
			t.Fatalf("forgotten after %d births", inode)
		}
	}
	if b.origin(2) != nil || len(b.young)+len(b.old) > 2*generation {
		t.Errorf("%d births are kept", len(b.young)+len(b.old))
	}
}

func TestCatches(t *testing.T) {
	status := "Name:\tjava\nSigIgn:\t0000000000000000\nSigCgt:\t2000000181005ccf\n"
	if !catches(status, 3) || catches("Name:\tx\n", 3) || catches("x\nSigCgt:\t0000000000000000\n", 3) {
		t.Error("SigCgt is misread")
	}
}
