package scan

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

const neverFew = 1 << 40

// sparing returns a scanner that asks for as little as it can, however small
// the host's table is, or never does.
func sparing(t *testing.T, few int) *Scanner {
	t.Helper()
	s := scanner(t, "sockdiag", false)
	s.sources[0].source = sockdiag.NewSource(s.machine.fs, s.machine.conns, few)
	return s
}

// how is what the source of a snapshot says of how it went about the look.
func how(snap *socket.Snapshot) string {
	for _, use := range snap.Sources {
		if use.Used {
			_, how, _ := strings.Cut(use.Why, "; this sample: ")
			return how
		}
	}
	return ""
}

// sights are the sockets of a snapshot as lines of what does not move with the
// clock: those that the given descriptors refer to, and those in their accept
// queues.
func sights(snap *socket.Snapshot, fds []int) []string {
	var list []string
	inodes := map[uint64]bool{}
	for _, s := range snap.Sockets {
		for _, h := range s.Holders {
			if slices.Contains(fds, int(h.FD)) {
				inodes[s.Inode] = true
				s.TCP.LastDataSent, s.TCP.LastDataRecv, s.TCP.LastAckRecv, s.Timer.Expires = 0, 0, 0, 0
				list = append(list, fmt.Sprintf("fd %d: %s %v %v %v-%v queues %d %d facts %b timer %v info %v %v inode %d cookie %d uid %d unix %+v netns %d",
					h.FD, s.Proto(), s.State, s.Presence, s.Local, s.Remote, s.RecvQ, s.SendQ, s.Facts, s.Timer, s.TCP, s.Type, s.Inode, s.Cookie, s.UID, s.UnixInfo, s.NetNS))
			}
		}
	}
	for _, s := range snap.Sockets {
		if len(s.Holders) == 0 && inodes[s.Listener] {
			list = append(list, fmt.Sprintf("queued: %v %v-%v %d cookie %d listener %d facts %b", s.State, s.Local, s.Remote, s.RecvQ, s.Cookie, s.Listener, s.Facts))
		}
	}
	slices.Sort(list)
	return list
}

// agree compares what a sparing scanner sees with what a full look does.
func agree(t *testing.T, when string, s *Scanner, pid int, fds []int) string {
	t.Helper()
	lines := func(snap *socket.Snapshot) string { return strings.Join(sights(snap, fds), "\n") }
	full := sparing(t, neverFew)
	defer full.Close()
	snap := lookAt(t, s, pid)
	got, want := lines(snap), lines(lookAt(t, full, pid))
	if got != want {
		t.Errorf("%s (%s):\ngot\n%s\nwant\n%s", when, how(snap), got, want)
	}
	return how(snap)
}

// habitat holds sockets of this process in all states.
type habitat struct {
	fds []int
}

func (h *habitat) keep(fd int) int {
	h.fds = append(h.fds, fd)
	return fd
}

func (h *habitat) listen(protocol int, reuse bool) int {
	l := h.keep(open(unix.AF_INET, unix.SOCK_STREAM, protocol))
	if reuse {
		testkit.Must(unix.SetsockoptInt(l, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	}
	testkit.Must(unix.Bind(l, loopback(unix.AF_INET)))
	testkit.Must(unix.Listen(l, 16))
	return l
}

// connect returns both ends of a connection, or the client's alone when it is
// left in the accept queue.
func (h *habitat) connect(l, protocol int, accept bool) (client, server int) {
	addr, err := unix.Getsockname(l)
	testkit.Must(err)
	client = h.keep(open(unix.AF_INET, unix.SOCK_STREAM, protocol))
	testkit.Must(unix.Connect(client, addr))
	if accept {
		server, _, err = unix.Accept4(l, unix.SOCK_CLOEXEC)
		testkit.Must(err)
		h.keep(server)
	}
	return client, server
}

func (h *habitat) close(fd int) {
	testkit.Must(unix.Close(fd))
	h.fds = slices.DeleteFunc(h.fds, func(have int) bool { return have == fd })
}

func settle() { time.Sleep(30 * time.Millisecond) } // for the last FIN and RST on loopback

// TestExactLooks: whatever becomes of the sockets between two looks, exact
// look-ups say the same as a full dump.
func TestExactLooks(t *testing.T) {
	h := &habitat{}
	pid := os.Getpid()
	l := h.listen(0, false)
	client, _ := h.connect(l, 0, true)
	halfClient, _ := h.connect(l, 0, true)
	resetClient, resetServer := h.connect(l, 0, true)
	closedClient, closedServer := h.connect(l, 0, true)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	h.keep(pair[0])
	udp := h.keep(open(unix.AF_INET, unix.SOCK_DGRAM, 0))
	testkit.Must(unix.Bind(udp, loopback(unix.AF_INET)))
	defer func() {
		for _, fd := range h.fds {
			unix.Close(fd)
		}
	}()
	s := sparing(t, 0)
	last := ""
	exact := func(when string) {
		t.Helper()
		settle()
		how := agree(t, when, s, pid, h.fds)
		last = how
		if !strings.Contains(how, "no dump") {
			t.Errorf("%s: %s", when, how)
		}
	}
	dumped := func(when string) {
		t.Helper()
		settle()
		if how := agree(t, when, s, pid, h.fds); !strings.Contains(how, "brief dump") {
			t.Errorf("%s: %s", when, how)
		}
	}
	dumped("the first look")
	exact("nothing has changed")
	_, err = unix.Write(client, []byte("unread"))
	testkit.Must(err)
	exact("data waits")
	testkit.Must(unix.Shutdown(halfClient, unix.SHUT_WR))
	exact("FIN_WAIT2 and CLOSE_WAIT")
	testkit.Must(unix.Close(pair[1]))
	testkit.Must(unix.Connect(udp, mustName(udp)))
	exact("UNIX peer gone, UDP connected")
	queued, _ := h.connect(l, 0, false)
	dumped("a new socket, and one in the accept queue")
	exact("the accept queue has one")
	if got := last; !strings.Contains(got, "accept queues by a dump of their ports") {
		t.Error(got)
	}
	_, err = unix.Write(queued, []byte("request"))
	testkit.Must(err)
	exact("data waits in the accept queue")
	h.close(queued)
	exact("the queued connection is in CLOSE_WAIT")
	accepted, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	testkit.Must(err)
	h.keep(accepted)
	dumped("it was accepted")
	exact("and the queue is empty")
	h.close(closedClient)
	exact("the peer has closed")
	h.close(closedServer)
	exact("both are gone")
	testkit.Must(unix.SetsockoptLinger(resetServer, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	h.close(resetServer)
	dumped("a reset")
	dumped("the reset one is in no table, and may be connected anew")
	disconnect(resetClient)
	testkit.Must(unix.Connect(resetClient, mustName(l)))
	dumped("it is connected anew")
	again, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	testkit.Must(err)
	h.keep(again)
	dumped("and accepted")
	exact("in peace")
	// Another socket under the same descriptor.
	other := open(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	testkit.Must(unix.Dup3(other, again, unix.O_CLOEXEC))
	testkit.Must(unix.Close(other))
	exact("a descriptor is another socket's")
	h.close(l)
	exact("the listener is gone")
}

// disconnect undoes a connect(2), by one to AF_UNSPEC.
func disconnect(fd int) {
	var unspec [16]byte
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&unspec[0])), unsafe.Sizeof(unspec))
	if errno != 0 {
		panic(errno)
	}
}

// mustName is the socket's own address.
func mustName(fd int) unix.Sockaddr {
	sa, err := unix.Getsockname(fd)
	testkit.Must(err)
	return sa
}

// TestExactLooksFallBack: listeners that share a port are never looked up.
func TestExactLooksFallBack(t *testing.T) {
	h := &habitat{}
	one := h.listen(0, true)
	two := h.keep(open(unix.AF_INET, unix.SOCK_STREAM, 0))
	testkit.Must(unix.SetsockoptInt(two, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	testkit.Must(unix.Bind(two, mustName(one)))
	testkit.Must(unix.Listen(two, 16))
	for range 8 { // in both queues
		h.connect(one, 0, false)
	}
	defer func() {
		for _, fd := range h.fds {
			unix.Close(fd)
		}
	}()
	s := sparing(t, 0)
	for _, when := range []string{"first", "second", "third"} {
		settle()
		if how := agree(t, when, s, os.Getpid(), h.fds); !strings.Contains(how, "brief dump") {
			t.Errorf("%s look: %s", when, how)
		}
	}
}

// TestExactLooksMPTCP: of MPTCP sockets the table of their own is read again,
// which has the listener's queue too.
func TestExactLooksMPTCP(t *testing.T) {
	probe, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Skip("needs MPTCP")
	}
	testkit.Must(unix.Close(probe))
	h := &habitat{}
	l := h.listen(unix.IPPROTO_MPTCP, false)
	client, _ := h.connect(l, unix.IPPROTO_MPTCP, true)
	h.connect(l, 0, true) // plain TCP from one end to the other
	defer func() {
		for _, fd := range h.fds {
			unix.Close(fd)
		}
	}()
	s := sparing(t, 0)
	for i, change := range []func(){
		func() {}, func() {},
		func() { testkit.Must(unix.Shutdown(client, unix.SHUT_WR)) },
		func() { h.connect(l, unix.IPPROTO_MPTCP, false) },
		func() {}, func() { h.connect(l, 0, false) }, func() {},
	} {
		change()
		settle()
		how := agree(t, "look "+strconv.Itoa(i), s, os.Getpid(), h.fds)
		t.Log(how)
	}
}

func loopbackUp() {
	fd := open(unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	testkit.Must(err)
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	testkit.Must(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo))
}

// TestExactLooksInNamespaces: what is known of several namespaces is not
// searched for in the tables of each.
func TestExactLooksInNamespaces(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	var here, there guests
	a := testkit.Spawn(t, &here, nil, "guest")
	b := testkit.Spawn(t, &there, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "guest", "up")
	s := sparing(t, 0)
	target := Target{PIDs: []int{a.PID, b.PID}}
	first := lookFor(t, s, target)
	again := lookFor(t, s, target)
	if how := how(again); strings.Contains(how, "brief dump") || !strings.HasPrefix(how, "21 TCP sockets by exact look-ups") {
		t.Errorf("%s", how)
	}
	if len(again.Namespaces) != 2 {
		t.Errorf("%d namespaces", len(again.Namespaces))
	}
	for _, fds := range [][]int{here.FDs, there.FDs} {
		if got, want := sights(again, fds), sights(first, fds); !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}
}
