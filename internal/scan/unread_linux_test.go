package scan

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// seen is what a child saw of others.
type seen struct {
	Err                        string
	Processes, Unread, Sockets int
	Blind                      bool
	Gaps                       []socket.Gap
	Sources                    []socket.SourceUse
}

// sight looks through the source in its first argument at the processes in the
// others, or at all.
func sight(args []string) any {
	s, err := New(Options{Source: args[0], Now: time.Now})
	must(err)
	defer s.Close()
	var target Target
	for _, arg := range args[1:] {
		if port, ok := strings.CutPrefix(arg, "port="); ok { // which it listens on itself, too
			n, err := strconv.Atoi(port)
			must(err)
			l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
			must(unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 2}, Port: n}))
			must(unix.Listen(l, 1))
			target.Ports = append(target.Ports, uint16(n))
			continue
		}
		pid, err := strconv.Atoi(arg)
		must(err)
		target.PIDs = append(target.PIDs, pid)
	}
	snap, err := s.Look(context.Background(), target)
	if err != nil {
		return seen{Err: err.Error()}
	}
	return seen{Processes: len(snap.Processes), Unread: snap.Unread, Sockets: len(snap.Sockets), Blind: snap.Blind(),
		Gaps: snap.Gaps, Sources: snap.Sources}
}

func asNobody() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// TestUnreadIsNeverClean: whatever the source, a process that may not be read
// blinds, and of a whole host it is said how many were read.
func TestUnreadIsNeverClean(t *testing.T) {
	needRoot(t)
	for _, source := range []string{"", "sockdiag", "procfs", "gopsutil"} {
		var one, all seen
		spawn(t, &one, asNobody(), "sight", source, strconv.Itoa(os.Getpid()))
		if !one.Blind || one.Unread == 0 {
			t.Errorf("%q of root's process: %+v", source, one)
		}
		spawn(t, &all, asNobody(), "sight", source)
		said := false
		for _, g := range all.Gaps {
			said = said || g.Blinds && strings.Contains(g.Where, " of "+strconv.Itoa(all.Processes)+" processes")
		}
		if !all.Blind || all.Unread == 0 || all.Unread >= all.Processes || !said {
			t.Errorf("%q of all: %+v", source, all)
		}
	}
}

// TestPortOfOthers: that others hold sockets on the port too is said.
func TestPortOfOthers(t *testing.T) {
	needRoot(t)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var own seen
	spawn(t, &own, asNobody(), "sight", "", "port="+port)
	if own.Err != "" || own.Sockets == 0 || !own.Blind {
		t.Errorf("%+v", own)
	}
}

// TestHiddenProcesses: under hidepid even their number is not known.
func TestHiddenProcesses(t *testing.T) {
	needRoot(t)
	program := filepath.Join(t.TempDir(), "program") // where everybody may run it
	must(os.Chmod(filepath.Dir(program), 0o755))
	must(os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755))
	data, err := os.ReadFile("/proc/self/exe")
	must(err)
	must(os.WriteFile(program, data, 0o755))
	var all seen
	runAlone(t, "sight", &all, "unshare", "--mount", "sh", "-c",
		`mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`, "sh", program, "")
	if !all.Blind || len(all.Gaps) == 0 {
		t.Errorf("%+v", all)
	}
	t.Log(all.Gaps)
}

// TestForeignProc: /proc of one pid namespace says nothing of the numbers that
// the kernel knows processes by in another (nsenter -p without -m).
func TestForeignProc(t *testing.T) {
	needRoot(t)
	z := &zoo{}
	z.keep("listen", open(unix.AF_INET, unix.SOCK_STREAM, 0))
	for _, source := range []string{"", "bpf"} {
		var one seen
		spawn(t, &one, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}, "sight", source, strconv.Itoa(os.Getpid()))
		if one.Sockets == 0 && !one.Blind {
			t.Errorf("%q: %+v", source, one)
		}
		if source == "" && one.Sockets == 0 {
			t.Errorf("no other source has answered: %+v", one)
		}
	}
}
