//go:build linux

package bpf

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// row is a line of /proc/self/net/tcp or tcp6 (proc(5)).
type row struct {
	local, remote netip.AddrPort
	state         socket.State
	recvQ, sendQ  uint32
	timer         socket.TimerKind
	when          time.Duration
	retransmits   uint8
	probes        uint8
	uid           uint32
}

// tcpTable reads the rows of this network namespace by inode.
func tcpTable(t *testing.T) map[uint64]row {
	t.Helper()
	rows := make(map[uint64]row)
	for _, name := range []string{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"} {
		file, err := os.Open(name)
		must(t, err)
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			var (
				r                   row
				slot, local, remote string
				ticks               int64 // of USER_HZ, a hundredth of a second
				ino                 uint64
			)
			_, err := fmt.Sscanf(lines.Text(), "%s %s %s %x %x:%x %x:%x %x %d %d %d", &slot, &local, &remote,
				&r.state, &r.sendQ, &r.recvQ, &r.timer, &ticks, &r.retransmits, &r.uid, &r.probes, &ino)
			if err != nil || ino == 0 {
				continue // the heading, and sockets without a descriptor
			}
			r.local, r.remote = address(t, local), address(t, remote)
			r.when = time.Duration(ticks) * 10 * time.Millisecond
			rows[ino] = r
		}
		must(t, lines.Err())
	}
	return rows
}

// address turns 0100007F:1F90 into 127.0.0.1:8080. Addresses are words in
// this machine's byte order, which is little-endian where the program runs.
func address(t *testing.T, s string) netip.AddrPort {
	t.Helper()
	text, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(text)
	must(t, err)
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	addr, _ := netip.AddrFromSlice(raw)
	var n uint16
	_, err = fmt.Sscanf(port, "%x", &n)
	must(t, err)
	if n == 0 && addr.Unmap().IsUnspecified() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr.Unmap(), n)
}

// TestSameAsTable compares a few hundred sockets in all kinds of states with
// the kernel's own table, read before and after the walk.
func TestSameAsTable(t *testing.T) {
	p := open(t, Options{})
	mixture(t, 120)
	compared := make(map[socket.State]int)
	timers := make(map[socket.TimerKind]int)
	// On a slow machine a timer runs out while the tables are read. Each time it
	// does, the kernel doubles it.
	for deadline := time.Now().Add(40 * time.Second); ; {
		began := time.Now()
		before := tcpTable(t)
		list := look(t, p, os.Getpid())
		after := tcpTable(t)
		took := time.Since(began)
		clear(compared)
		clear(timers)
		for _, s := range list {
			a, ok := after[s.Inode]
			b := before[s.Inode]
			if !s.IsTCP() || s.Protocol != socket.TCP || s.Listener != 0 || !ok || !steady(b, a, took) {
				continue
			}
			compared[s.State]++
			timers[s.Timer.Kind]++
			compare(t, s, b, a)
		}
		enough := compared[socket.Established] >= 100 && compared[socket.CloseWait] >= 40 && compared[socket.FinWait2] >= 40 &&
			compared[socket.Listen] >= 3 && compared[socket.SynSent] >= 1 &&
			timers[socket.Keepalive] >= 20 && timers[socket.Persist] >= 5 && timers[socket.Retransmit] >= 1
		if enough || t.Failed() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("too few of some kind: %v, timers %v", compared, timers)
		}
	}
	t.Logf("compared %v, timers %v", compared, timers)
}

// slack is by how much timers may differ: jiffies and hundredths of a second
// do not meet.
const slack = 20 * time.Millisecond

// steady reports whether nothing but time has passed between two rows: not
// even so much that a timer can have run out and begun anew.
func steady(before, after row, took time.Duration) bool {
	ok := before.when >= after.when && (before.timer == socket.NoTimer || before.when > took+slack)
	before.when = after.when
	return ok && before == after
}

func compare(t *testing.T, s seen, before, after row) {
	t.Helper()
	got := row{s.Local, s.Remote, s.State, s.RecvQ, s.SendQ, s.Timer.Kind, after.when, s.TCP.Retransmits, s.TCP.Probes, s.UID}
	if s.State == socket.Listen {
		got.sendQ = after.sendQ // the table does not show the backlog
	}
	if got != after {
		t.Errorf("inode %d:\n walk  %+v\n table %+v", s.Inode, got, after)
	}
	if s.Timer.Expires > before.when+slack || s.Timer.Expires < after.when-slack {
		t.Errorf("inode %d: timer in %v, by the table between %v and %v", s.Inode, s.Timer.Expires, after.when, before.when)
	}
}

// mixture makes n connections, and leaves each in a state by chance.
func mixture(t *testing.T, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		client, server := pair(t)
		for _, fd := range []int{client, server} {
			if random.IntN(3) == 0 {
				must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
			}
		}
		if queued := random.IntN(3) * random.IntN(1000); queued > 0 {
			_, err := unix.Write(client, make([]byte, queued))
			must(t, err)
		}
		switch {
		case i%2 == 0:
			must(t, unix.Shutdown(client, unix.SHUT_WR))
		case i%12 == 1:
			fillWindow(t, client)
		}
	}
	unanswered(t)
}

// fillWindow writes until nothing more fits in anywhere.
func fillWindow(t *testing.T, fd int) {
	t.Helper()
	must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 1<<20))
	must(t, unix.SetNonblock(fd, true))
	var err error
	for block := make([]byte, 64<<10); err == nil; {
		_, err = unix.Write(fd, block)
	}
}
