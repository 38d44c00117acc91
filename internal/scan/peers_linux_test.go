package scan

import (
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// farPort is where a child in a namespace of its own accepts connections. It
// closes every second one.
const farPort = 7000

func far([]string) any {
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Bind(l, &unix.SockaddrInet4{Port: farPort}))
	testkit.Must(unix.Listen(l, 8))
	go func() {
		for i := 0; ; i++ {
			fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
			testkit.Must(err)
			if i%2 == 1 {
				hangUp(fd)
			}
		}
	}()
	return struct{}{}
}

// hangUp closes a connection, of which the kernel then forgets its end after a
// second.
func hangUp(fd int) {
	testkit.Must(unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_LINGER2, 1))
	testkit.Must(unix.Close(fd))
}

// ends has connections whose other ends are in every possible place. The argument
// is the pid of a far child, to which it lays a wire.
func ends(args []string) any {
	for _, command := range [][]string{
		{"ip", "link", "set", "lo", "up"},
		{"ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", args[0]},
		{"ip", "addr", "add", "10.77.0.1/24", "dev", "near"},
		{"ip", "link", "set", "near", "up"},
		{"nsenter", "-t", args[0], "-n", "ip", "addr", "add", "10.77.0.2/24", "dev", "far"},
		{"nsenter", "-t", args[0], "-n", "ip", "link", "set", "far", "up"},
	} {
		testkit.Must(exec.Command(command[0], command[1:]...).Run())
	}
	z := &zoo{}
	loop, own, away := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.77.0.1"), netip.MustParseAddr("10.77.0.2")
	for _, at := range []struct {
		kind string
		addr netip.Addr
	}{{"loopback", loop}, {"own address", own}} {
		l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
		testkit.Must(unix.Bind(l, &unix.SockaddrInet4{Addr: at.addr.As4()}))
		testkit.Must(unix.Listen(l, 8))
		to := sockAddr(unix.Getsockname(l))
		z.keep(at.kind+" held", dial(to, ""))
		accept(l)
		z.keep(at.kind+" closed", dial(to, ""))
		hangUp(accept(l))
		if at.addr == loop { // a SYN for another address does not come from there
			dial(to, "lo")
			z.keep(at.kind+" from a bound one", accept(l))
		}
		z.keep(at.kind+" queued", dial(to, ""))
	}
	z.keep("far held", dial(netip.AddrPortFrom(away, farPort), ""))
	z.keep("far closed", dial(netip.AddrPortFrom(away, farPort), ""))
	return z
}

// dial connects, from the interface if one is given.
func dial(to netip.AddrPort, device string) int {
	fd := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	if device != "" {
		testkit.Must(unix.BindToDevice(fd, device))
	}
	testkit.Must(unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}))
	return fd
}

func accept(l int) int {
	fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	testkit.Must(err)
	return fd
}

// The other end is found wherever it is in the namespace of the target; it is
// gone when the kernel has forgotten it there, and not known when it is, or was,
// in another namespace of this very machine.
func TestPeers(t *testing.T) {
	testkit.NeedRoot(t, "make namespaces and become another user")
	for _, name := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s", name)
		}
	}
	var none struct{}
	wire := testkit.Spawn(t, &none, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "far")
	var z zoo
	child := testkit.Spawn(t, &z, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "ends", strconv.Itoa(wire.PID))
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			ask := func() map[string]*socket.Socket {
				snap := lookAt(t, s, child.PID)
				found, kinds := byFD(t, snap, child.PID), map[string]*socket.Socket{}
				var q socket.Questions
				for _, a := range z.Animals {
					kinds[a.Kind] = found[a.FD]
					q.Peers = append(q.Peers, found[a.FD])
				}
				if err := s.Detail(t.Context(), snap, &q); err != nil {
					t.Fatal(err)
				}
				if len(snap.Gaps) > 0 {
					t.Errorf("gaps %+v", snap.Gaps)
				}
				return kinds
			}
			var found map[string]*socket.Socket
			for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
				found = ask()
				a, b := found["loopback closed"].Peer, found["own address closed"].Peer
				if a == nil || b == nil || !a.Closed() || !b.Closed() {
					t.Fatalf("closed: %+v and %+v", a, b)
				}
				if a.Gone && b.Gone {
					break
				}
				if time.Since(begin) > 30*time.Second {
					t.Fatalf("not gone: %+v and %+v", a, b)
				}
			}
			for _, at := range []string{"loopback", "own address"} {
				if p := found[at+" held"].Peer; !p.Held() || p.State != socket.Established {
					t.Errorf("%s held: %+v", at, p)
				}
				if p := found[at+" queued"].Peer; !p.Queued() || p.Closed() || p.Held() {
					t.Errorf("%s queued: %+v", at, p)
				}
			}
			if p := found["loopback from a bound one"].Peer; !p.Held() {
				t.Errorf("bound to an interface: %+v", p)
			}
			for _, kind := range []string{"far held", "far closed"} {
				if s := found[kind]; s.Peer != nil {
					t.Errorf("%s: %v with %+v; want not known", kind, s.State, *s.Peer)
				}
			}
			if s := found["far closed"]; s.State != socket.CloseWait {
				t.Errorf("far closed: %v", s.State)
			}
		})
	}
}

// A connection that has ended since the look has no other end, and is not taken
// for one whose other end is gone.
func TestPeersOfEndedConnections(t *testing.T) {
	l := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	testkit.Must(unix.Bind(l, loopback(unix.AF_INET)))
	testkit.Must(unix.Listen(l, 8))
	client := dial(sockAddr(unix.Getsockname(l)), "")
	server := accept(l)
	s := scanner(t, "", false)
	snap := lookAt(t, s, os.Getpid())
	ended := byFD(t, snap, os.Getpid())[int32(server)]
	unix.Close(client)
	unix.Close(server)
	if err := s.Detail(t.Context(), snap, &socket.Questions{Peers: []*socket.Socket{ended}}); err != nil {
		t.Fatal(err)
	}
	if p := ended.Peer; p != nil && p.Gone {
		t.Errorf("ended since: %+v", p)
	}
}
