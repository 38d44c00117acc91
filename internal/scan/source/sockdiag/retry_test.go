//go:build linux

package sockdiag

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// playedBack returns a Conn whose kernel is a goroutine that answers each
// request by the recorded fixture, the first times marked as interrupted.
func playedBack(t *testing.T, f *fixture, interruptions int) *Conn {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	check(t, "socketpair", err)
	c := &Conn{fd: fds[0], port: testPort, buf: make([]byte, bufferSize)}
	bodies := f.bodies(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		request := make([]byte, 4096)
		for {
			if n, err := unix.Read(fds[1], request); n <= 0 || err != nil {
				return
			}
			seq := binary.NativeEndian.Uint32(request[8:])
			for _, body := range bodies {
				m := row(byFamily, seq, testPort, body)
				if interruptions > 0 {
					binary.NativeEndian.PutUint16(m[6:], unix.NLM_F_MULTI|unix.NLM_F_DUMP_INTR)
				}
				unix.Write(fds[1], m)
			}
			interruptions--
			unix.Write(fds[1], row(unix.NLMSG_DONE, seq, testPort, make([]byte, 4)))
		}
	}()
	t.Cleanup(func() {
		c.Close()
		<-done
		unix.Close(fds[1])
	})
	return c
}

// TestInterruptedDumpIsTriedAgain: every try yields what it sees, so that
// nothing is kept in memory; the caller knows a socket by its ID.
func TestInterruptedDumpIsTriedAgain(t *testing.T) {
	f := &fixtures[4]
	for interruptions, want := range map[int]error{0: nil, 1: nil, dumpTries - 1: nil, dumpTries: ErrInterrupted} {
		c := playedBack(t, f, interruptions)
		rows := 0
		seen := map[socket.ID]bool{}
		err := c.Packet(t.Context(), func(s *socket.Socket) error {
			rows++
			seen[s.ID()] = true
			return nil
		})
		tries := min(interruptions+1, dumpTries)
		if !errors.Is(err, want) || rows != tries*f.rows || len(seen) != f.rows {
			t.Errorf("%d interruptions: %d rows of %d sockets, error %v", interruptions, rows, len(seen), err)
		}
	}
}
