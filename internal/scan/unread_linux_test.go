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
	"github.com/sockleak/sockleak/internal/testkit"
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
	testkit.Must(err)
	defer s.Close()
	var target Target
	for _, arg := range args[1:] {
		if port, ok := strings.CutPrefix(arg, "port="); ok { // which it listens on itself, too
			n, err := strconv.Atoi(port)
			testkit.Must(err)
			l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
			testkit.Must(unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 2}, Port: n}))
			testkit.Must(unix.Listen(l, 1))
			target.Ports = append(target.Ports, uint16(n))
			continue
		}
		pid, err := strconv.Atoi(arg)
		testkit.Must(err)
		target.PIDs = append(target.PIDs, pid)
	}
	snap, err := s.Look(context.Background(), target)
	if err != nil {
		return seen{Err: err.Error()}
	}
	return seen{Processes: len(snap.Processes), Unread: snap.Unread, Sockets: len(snap.Sockets), Blind: snap.Blind(),
		Gaps: snap.Gaps, Sources: snap.Sources}
}

// TestUnreadIsNeverClean: whatever the source, a process that may not be read
// blinds, and of a whole host it is said how many were read.
func TestUnreadIsNeverClean(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	for _, source := range []string{"", "sockdiag", "procfs", "gopsutil"} {
		var one, all seen
		testkit.Spawn(t, &one, testkit.Nobody(), "sight", source, strconv.Itoa(os.Getpid()))
		if !one.Blind || one.Unread == 0 {
			t.Errorf("%q of root's process: %+v", source, one)
		}
		testkit.Spawn(t, &all, testkit.Nobody(), "sight", source)
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
	testkit.NeedRoot(t, "make namespaces and become another user")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	testkit.Must(err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var own seen
	testkit.Spawn(t, &own, testkit.Nobody(), "sight", "", "port="+port)
	if own.Err != "" || own.Sockets == 0 || !own.Blind {
		t.Errorf("%+v", own)
	}
}

// TestHiddenProcesses: under hidepid even their number is not known.
func TestHiddenProcesses(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	program := filepath.Join(t.TempDir(), "program") // where everybody may run it
	testkit.Must(os.Chmod(filepath.Dir(program), 0o755))
	testkit.Must(os.Chmod(filepath.Dir(filepath.Dir(program)), 0o755))
	data, err := os.ReadFile("/proc/self/exe")
	testkit.Must(err)
	testkit.Must(os.WriteFile(program, data, 0o755))
	var all seen
	testkit.Run(t, &all, "sight", "unshare", "--mount", "sh", "-c",
		`mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`, "sh", program, "")
	if !all.Blind || len(all.Gaps) == 0 {
		t.Errorf("%+v", all)
	}
	t.Log(all.Gaps)
}

// TestForeignProc: /proc of one pid namespace says nothing of the numbers that
// the kernel knows processes by in another (nsenter -p without -m).
func TestForeignProc(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	testkit.Must(unix.Listen(l, 1))
	for _, source := range []string{"", "bpf"} {
		var one seen
		testkit.Spawn(t, &one, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}, "sight", source, strconv.Itoa(os.Getpid()))
		if one.Sockets == 0 && !one.Blind {
			t.Errorf("%q: %+v", source, one)
		}
		if source == "" && one.Sockets == 0 {
			t.Errorf("no other source has answered: %+v", one)
		}
	}
}
