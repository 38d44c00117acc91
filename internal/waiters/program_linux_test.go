package waiters

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// running is a running program of testdata/lines.
type running struct {
	t      testing.TB
	pid    int
	source string
	inodes map[string][]uint64 // of its sockets, by the role that it has printed
	out    *bufio.Scanner
}

// run starts a program that prints lines of a role and an inode, and then
// "ready".
func run(t testing.TB, source string, cmd *exec.Cmd) *running {
	t.Helper()
	p := &running{t: t, source: source, inodes: map[string][]uint64{}}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
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
	p.pid = cmd.Process.Pid
	s := bufio.NewScanner(out)
	for p.out = s; s.Scan(); {
		if s.Text() == "ready" {
			return p
		}
		var role string
		var inode uint64
		if _, err := fmt.Sscan(s.Text(), &role, &inode); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		p.inodes[role] = append(p.inodes[role], inode)
	}
	t.Fatalf("%s ended before it was ready: %s", source, stderr.String())
	return nil
}

// line returns the number of the line that has the marker behind it.
func (p *running) line(marker string) int {
	p.t.Helper()
	text, err := os.ReadFile(p.source)
	if err != nil {
		p.t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "// "+marker) || strings.HasSuffix(line, "# "+marker) || strings.HasSuffix(line, "/* "+marker+" */") {
			return i + 1
		}
	}
	p.t.Fatalf("%s has no line marked %q", p.source, marker)
	return 0
}

// seen is what was found of a socket.
type seen struct {
	waiters []socket.Waiter
	poller  bool
	owner   *socket.Owner
}

func (p *running) fs() proc.FS {
	p.t.Helper()
	fs, err := proc.New("/proc")
	if err != nil {
		p.t.Fatal(err)
	}
	return fs
}

// target is the process with all its registrations, as they are now.
func (p *running) target() Target {
	p.t.Helper()
	fs := p.fs()
	process, err := fs.Process(p.pid)
	if err != nil {
		p.t.Fatal(err)
	}
	process.Runtime = fs.Runtime(&process)
	epolls, err := fs.Epolls(p.pid)
	if err != nil {
		p.t.Fatal(err)
	}
	threads, err := fs.BlockedThreads(p.pid)
	if err != nil {
		p.t.Fatal(err)
	}
	target := Target{Root: "/proc", Process: &process, Epolls: epolls.Watches}
	for _, th := range threads.Blocked {
		target.Threads = append(target.Threads, Thread{TID: th.TID, Call: th.Syscall, FDs: th.FDs, PC: th.PC, SP: th.SP})
	}
	return target
}

// look looks who waits for the socket with the role.
func (p *running) look() (found map[uint64]seen, err error) {
	p.t.Helper()
	target := p.target()
	list, err := Look(target)
	found = map[uint64]seen{}
	for i, w := range list.ByEpoll {
		at := found[target.Epolls[i].Inode]
		at.waiters = append(at.waiters, w...)
		at.poller = at.poller || list.Poller[i]
		if list.Owners[i] != nil {
			at.owner = list.Owners[i]
		}
		found[target.Epolls[i].Inode] = at
	}
	_, ferr := p.fs().SocketFDs(p.pid, func(fd int32, inode uint64) {
		at := found[inode]
		at.waiters = append(at.waiters, list.ByFD[fd]...)
		found[inode] = at
	})
	if ferr != nil {
		p.t.Fatal(ferr)
	}
	return found, err
}

// want is what is to be found of the sockets with a role: the innermost frame
// of the program's own code, and what follows.
type want struct {
	role, call, function, marker string
	outer                        [][2]string // function and marker of the next frames
}

// check waits until all is found as it is wanted.
func (p *running) check(wants []want) (found map[uint64]seen) {
	p.t.Helper()
	p.eventually(func() (problems []string) {
		var err error
		if found, err = p.look(); err != nil {
			return []string{err.Error()}
		}
		return p.compare(found, wants)
	})
	return found
}

// eventually calls look until it has no problems.
func (p *running) eventually(look func() (problems []string)) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		problems := look()
		if len(problems) == 0 {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatal(strings.Join(problems, "\n"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *running) compare(found map[uint64]seen, wants []want) (problems []string) {
	for _, w := range wants {
		if len(p.inodes[w.role]) == 0 {
			problems = append(problems, "no socket is "+w.role)
		}
		for _, inode := range p.inodes[w.role] {
			if problem := p.differs(found[inode], w); problem != "" {
				problems = append(problems, fmt.Sprintf("%s: %s in %+v", w.role, problem, found[inode]))
			}
		}
	}
	return problems
}

func (p *running) differs(s seen, w want) string {
	if w.call == "" {
		if len(s.waiters) > 0 {
			return "somebody waits"
		}
		return ""
	}
	if len(s.waiters) != 1 {
		return fmt.Sprintf("%d waiters", len(s.waiters))
	}
	got := s.waiters[0]
	if !slices.Contains(strings.Fields(w.call), got.Call) { // it differs by libc and architecture
		return "the call is " + got.Call
	}
	var own []socket.Frame
	for _, f := range got.Frames {
		if f.Own {
			own = append(own, f)
		}
	}
	for i, frame := range append([][2]string{{w.function, w.marker}}, w.outer...) {
		if len(own) <= i || own[i].Function != frame[0] || own[i].Line != p.line(frame[1]) || filepath.Base(own[i].File) != filepath.Base(p.source) {
			return fmt.Sprintf("own frame %d is not %s:%d", i, frame[0], p.line(frame[1]))
		}
	}
	return ""
}
