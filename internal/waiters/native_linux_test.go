package waiters

import (
	"os/exec"
	"path/filepath"
	"testing"
)

func buildC(t *testing.T, name string, args ...string) (exe, source string) {
	t.Helper()
	needCompiler(t)
	source, err := filepath.Abs("../../testdata/lines/" + name + "/main.c")
	if err != nil {
		t.Fatal(err)
	}
	exe = filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("cc", append([]string{"-pthread", "-o", exe, source}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe, source
}

// needCompiler skips a test that compiles C.
func needCompiler(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("needs a C compiler: apt-get install gcc libc6-dev")
	}
}

func TestNativeThreads(t *testing.T) {
	for name, args := range map[string][]string{
		"optimized": {"-O2", "-g"},
		"plain":     {"-O0", "-g", "-fno-omit-frame-pointer"},
		"static":    {"-O2", "-g", "-static"},
		"dwarf4":    {"-O2", "-gdwarf-4", "-no-pie"},
		"pointers":  {"-O1", "-g", "-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables"},
		"no tables": {"-O2", "-g", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables"},
	} {
		t.Run(name, func(t *testing.T) {
			exe, source := buildC(t, "c", args...)
			p := run(t, source, exec.Command(exe))
			p.check(nativeWants())
		})
	}
}

// nativeWants are the lines of the program.
func nativeWants() []want {
	outer := [][2]string{{"session", "waits: recv"}, {"receiver", "outer: recv"}}
	return []want{
		{"recv", "recvfrom", "fetch", "inlined: recv", outer},
		{"select", "select pselect6", "selecter", "waits: select", nil},
		{"poll", "poll ppoll", "poller", "waits: poll", nil},
		{"epoll", "epoll_wait epoll_pwait", "epoller", "waits: epoll", nil},
		{"accept", "accept accept4", "accepter", "waits: accept", nil},
		{"send", "sendto", "sender", "waits: send", nil},
		{"nobody", "", "", "", nil},
	}
}

// A stripped program has no lines; nothing is invented.
func TestStrippedThreads(t *testing.T) {
	exe, source := buildC(t, "c", "-O2", "-s", "-rdynamic")
	p := run(t, source, exec.Command(exe))
	p.eventually(func() (problems []string) {
		found, err := p.look()
		if err != nil {
			t.Fatal(err)
		}
		at := found[p.inodes["recv"][0]]
		if len(at.waiters) != 1 || at.waiters[0].Own() == nil {
			return []string{"nobody waits in recv"}
		}
		if own := at.waiters[0].Own(); own.Function != "session" || own.Line != 0 || own.File != "" {
			t.Fatalf("own frame %+v; want the exported function session without a line", own)
		}
		return nil
	})
}
