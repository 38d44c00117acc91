package waiters

import (
	"bufio"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// nothingInvented looks at a program until it waits for the socket, and demands
// that no line of it is named.
func nothingInvented(t *testing.T, p *running, role string) {
	t.Helper()
	for range 5 {
		found, _ := p.look() // that it cannot be read is an answer
		for _, w := range found[p.inodes[role][0]].waiters {
			if w.Own() != nil {
				t.Fatalf("%+v", w)
			}
		}
		if found[p.inodes[role][0]].poller {
			t.Fatal("a registration is known to be a runtime's that is not known")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A process of 32 bits, whose pointers and tables are others.
func Test32Bits(t *testing.T) {
	t.Setenv("GOARCH", "386")
	t.Setenv("CGO_ENABLED", "0")
	exe, source := buildGo(t, "local", "go")
	p := run(t, source, exec.Command(exe))
	nothingInvented(t, p, "read")
}

// A program of another architecture: what runs is the emulator.
func TestAnotherArchitecture(t *testing.T) {
	if _, err := exec.LookPath("qemu-aarch64-static"); err != nil {
		t.Skip("needs qemu-aarch64-static: apt-get install qemu-user-static")
	}
	t.Setenv("GOARCH", "arm64")
	t.Setenv("CGO_ENABLED", "0")
	exe, source := buildGo(t, "local", "go")
	p := run(t, source, exec.Command("qemu-aarch64-static", exe))
	nothingInvented(t, p, "read")
}

// musl has no unwinding tables.
func TestMusl(t *testing.T) {
	if _, err := exec.LookPath("musl-gcc"); err != nil {
		t.Skip("needs musl-gcc: apt-get install musl-tools")
	}
	source, err := filepath.Abs("../../testdata/lines/c/main.c")
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"dynamic": nil, "static": {"-static"}} {
		t.Run(name, func(t *testing.T) {
			exe := filepath.Join(t.TempDir(), "musl")
			cmd := exec.Command("musl-gcc", append([]string{"-O2", "-g", "-pthread", "-o", exe, source}, args...)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			run(t, source, exec.Command(exe)).check(nativeWants())
		})
	}
}

// A target that has become another program, or whose pid is another's by now, is
// not read as what it was.
func TestTargetExecutesMeanwhile(t *testing.T) {
	exe, source := buildGo(t, "local", "go")
	p := run(t, source, exec.Command(exe))
	target := p.target()
	other := exec.Command("sleep", "100")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		other.Process.Kill()
		other.Wait()
	})
	target.Process.ID.PID, target.Threads = other.Process.Pid, nil
	found, err := Look(target)
	if err == nil {
		t.Error("another program was read as one in Go")
	}
	for i, list := range found.ByEpoll {
		if len(list) > 0 || found.Poller[i] {
			t.Errorf("registration %d: %+v, %v", i, list, found.Poller[i])
		}
	}
}

// accepts starts a server of a runtime whose stacks are not read, which prints
// its port and then waits in accept, and returns who waits for its listener.
func accepts(t *testing.T, cmd *exec.Cmd) []socket.Waiter {
	t.Helper()
	if _, err := exec.LookPath(cmd.Path); err != nil {
		t.Skipf("needs %s", cmd.Path)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// It has the one listener that answers at the port.
	conn, err := net.Dial("tcp4", "127.0.0.1:"+strings.TrimSpace(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &running{t: t, pid: cmd.Process.Pid}
	var waiters []socket.Waiter
	p.eventually(func() []string {
		waiters = nil
		found, err := p.look()
		if err != nil {
			return []string{err.Error()}
		}
		for _, s := range found {
			waiters = append(waiters, s.waiters...)
		}
		for _, w := range waiters {
			if strings.HasPrefix(w.Call, "accept") || strings.Contains(w.Call, "poll") {
				return nil
			}
		}
		return []string{"nobody waits"}
	})
	return waiters
}

// Of the JVM it is said which thread waits, in which call, and no line.
func TestJVM(t *testing.T) {
	waiters := accepts(t, exec.Command("java", "-Xshare:auto", "-Xint", "../../testdata/lines/java/Wait.java"))
	named := false
	for _, w := range waiters {
		named = named || w.Name == "acceptor"
		if w.Kind != socket.ThreadWaiter || len(w.Frames) > 0 {
			t.Errorf("%+v", w)
		}
	}
	if !named {
		t.Errorf("no thread has its name: %+v", waiters)
	}
}

// Of Ruby it is said what the kernel says.
func TestRuby(t *testing.T) {
	waiters := accepts(t, exec.Command("ruby", "-rsocket", "-e", `
s = TCPServer.new("127.0.0.1", 0)
puts s.addr[1]
$stdout.flush
kept = []
loop { kept << s.accept }`))
	for _, w := range waiters {
		if w.Kind != socket.ThreadWaiter || len(w.Frames) > 0 || w.ID == 0 {
			t.Errorf("%+v", w)
		}
	}
}
