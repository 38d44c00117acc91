package scan

import (
	"bufio"
	"encoding/gob"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// life is what the churning child knows of one socket: ground truth.
type life struct {
	FD            int32
	Inode, Cookie uint64
	Local, Remote netip.AddrPort
	Born, Dead    int64 // CLOCK_MONOTONIC, before socket() and after close()
}

// churner opens and closes connections to itself, thousands a second, until
// its standard input ends, and then writes the lives of all of its sockets.
type churner struct {
	Listener int32
	path     string
	done     chan struct{}
	lives    []life
}

func churn(args []string) any {
	c := &churner{path: args[0], done: make(chan struct{})}
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	testkit.Must(unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	testkit.Must(unix.Listen(l, 128))
	c.Listener = int32(l)
	go c.run(l)
	return c
}

func (c *churner) run(l int) {
	const alive = 24 // connections at a time: what is found differs from look to look
	addr, err := unix.Getsockname(l)
	testkit.Must(err)
	var open []int // indexes into lives
	for {
		select {
		case <-c.done:
			c.done <- struct{}{}
			return
		default:
		}
		if len(open) >= 2*alive {
			c.close(open[0])
			c.close(open[1])
			open = open[2:]
		}
		born := now()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		testkit.Must(err)
		// A reset leaves no TIME_WAIT, which would use up the ports.
		testkit.Must(unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
		testkit.Must(unix.Connect(fd, addr))
		accepting := now()
		other, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		testkit.Must(err)
		open = append(open, c.add(fd, born), c.add(other, accepting))
		pause := unix.Timespec{Nsec: 200_000} // else it would take a whole processor
		_ = unix.Nanosleep(&pause, nil)
	}
}

func (c *churner) add(fd int, born int64) int {
	n := life{FD: int32(fd), Born: born, Local: sockAddr(unix.Getsockname(fd)), Remote: sockAddr(unix.Getpeername(fd))}
	n.Inode, n.Cookie = ids(fd)
	c.lives = append(c.lives, n)
	return len(c.lives) - 1
}

func (c *churner) close(i int) {
	testkit.Must(unix.Close(int(c.lives[i].FD)))
	c.lives[i].Dead = now()
}

func (c *churner) End() {
	c.done <- struct{}{}
	<-c.done
	f, err := os.Create(c.path)
	testkit.Must(err)
	w := bufio.NewWriter(f)
	enc := gob.NewEncoder(w)
	for i := range c.lives {
		testkit.Must(enc.Encode(&c.lives[i]))
	}
	testkit.Must(w.Flush())
	testkit.Must(f.Close())
}

// sockAddr is the address that getsockname or getpeername gave.
func sockAddr(sa unix.Sockaddr, err error) netip.AddrPort {
	if err != nil {
		return netip.AddrPort{}
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// claim is what one look said of one descriptor.
type claim struct {
	source        string
	fd            int32
	inode, cookie uint64
	state         socket.State
	local, remote netip.AddrPort
	from, to      int64 // the look
}

// A program that opens and closes thousands of sockets a second is never told
// to hold a socket that it did not hold during the look, nor a socket with
// another's addresses or cookie; and no socket is reported twice.
func TestChurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lives")
	var told churner
	child := testkit.Spawn(t, &told, nil, "churn", path)
	var claims []claim
	looks := 0
	for source, n := range map[string]int{"bpf": 250, "sockdiag": 30, "procfs": 25, "gopsutil": 25} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			for range n {
				from := now()
				snap := lookAt(t, s, child.PID)
				to := now()
				looks++
				for fd, sock := range byFD(t, snap, child.PID) {
					claims = append(claims, claim{source, fd, sock.Inode, sock.Cookie, sock.State, sock.Local, sock.Remote, from, to})
				}
			}
		})
	}
	child.Stop()
	lives := readLives(t, path)
	t.Logf("%d looks made %d claims about %d sockets", looks, len(claims), len(lives))
	if len(claims) < looks {
		t.Error("too few claims to prove anything")
	}
	byFD := map[int32][]life{}
	for _, l := range lives {
		byFD[l.FD] = append(byFD[l.FD], l)
	}
	wrong := 0
	for _, c := range claims {
		if c.fd > 2 && c.fd != told.Listener && !c.holds(byFD[c.fd]) {
			if wrong++; wrong <= 5 {
				t.Errorf("%+v: no such socket lived then", c)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d claims are wrong", wrong, len(claims))
	}
}

// holds reports whether one of the lives of the descriptor bears the claim
// out. What is not known proves nothing; a socket that is on its way into or
// out of its connection may lack addresses.
func (c *claim) holds(lives []life) bool {
	for _, l := range lives {
		if l.Born > c.to || l.Dead != 0 && l.Dead < c.from {
			continue
		}
		if (c.inode == 0 || c.inode == l.Inode) && (c.cookie == 0 || c.cookie == l.Cookie) &&
			(c.local.Port() == 0 || c.local == l.Local) && (c.remote.Port() == 0 || c.remote == l.Remote) {
			return true
		}
	}
	return false
}

func readLives(t *testing.T, path string) []life {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := gob.NewDecoder(bufio.NewReader(f))
	var lives []life
	for {
		var l life
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) {
			return lives
		}
		if err != nil {
			t.Fatal(err)
		}
		lives = append(lives, l)
	}
}
