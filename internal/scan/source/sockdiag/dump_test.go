//go:build linux

package sockdiag

import (
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

const (
	testSeq  = 7
	testPort = 4242
)

// status is the message that ends a dump.
func status(kind uint16, code int32) []byte {
	return row(kind, testSeq, testPort, binary.NativeEndian.AppendUint32(nil, uint32(code)))
}

// read gives one datagram to a fresh reader and counts the rows.
func read(datagram []byte) (a answers, rows int, err error) {
	a = answers{seq: testSeq, port: testPort, kind: byFamily}
	err = a.datagram(datagram, func([]byte) error { rows++; return nil })
	return a, rows, err
}

func TestDatagram(t *testing.T) {
	good := row(byFamily, testSeq, testPort, make([]byte, 5))
	interrupted := append([]byte(nil), good...)
	binary.NativeEndian.PutUint16(interrupted[6:], unix.NLM_F_DUMP_INTR)
	long := append([]byte(nil), good...)
	binary.NativeEndian.PutUint32(long, 1<<31)
	short := append([]byte(nil), good...)
	binary.NativeEndian.PutUint32(short, 15)

	for _, tc := range []struct {
		name  string
		parts [][]byte
		rows  int
		done  bool
		intr  bool
		err   error
	}{
		{name: "rows and end", parts: [][]byte{good, good, status(unix.NLMSG_DONE, 0)}, rows: 2, done: true},
		{name: "more to come", parts: [][]byte{good}, rows: 1},
		{name: "of another request", parts: [][]byte{row(byFamily, testSeq-1, testPort, nil), good}, rows: 1},
		{name: "of another socket", parts: [][]byte{row(byFamily, testSeq, testPort+1, nil), good}, rows: 1},
		{name: "end of another request", parts: [][]byte{row(unix.NLMSG_DONE, testSeq-1, testPort, make([]byte, 4)), good}, rows: 1},
		{name: "nothing", parts: [][]byte{row(unix.NLMSG_NOOP, testSeq, testPort, nil), good}, rows: 1},
		{name: "interrupted", parts: [][]byte{good, interrupted}, rows: 2, intr: true},
		{name: "overrun", parts: [][]byte{row(unix.NLMSG_OVERRUN, testSeq, testPort, nil), good}, rows: 1, intr: true},
		{name: "no module, at the end", parts: [][]byte{status(unix.NLMSG_DONE, -int32(unix.ENOENT))}, done: true, err: ErrNoModule},
		{name: "no module, at once", parts: [][]byte{status(unix.NLMSG_ERROR, -int32(unix.ENOENT))}, done: true, err: ErrNoModule},
		{name: "old kernel", parts: [][]byte{status(unix.NLMSG_ERROR, -int32(unix.EINVAL))}, done: true, err: errors.ErrUnsupported},
		{name: "may not", parts: [][]byte{status(unix.NLMSG_ERROR, -int32(unix.EPERM))}, done: true, err: unix.EPERM},
		{name: "impossible status", parts: [][]byte{status(unix.NLMSG_ERROR, -1<<31)}, done: true, err: unix.Errno(1 << 31)},
		{name: "no status", parts: [][]byte{row(unix.NLMSG_DONE, testSeq, testPort, nil)}, done: true, err: ErrMalformed},
		{name: "wrong type", parts: [][]byte{row(99, testSeq, testPort, nil)}, err: ErrMalformed},
		{name: "too long", parts: [][]byte{good, long}, rows: 1, err: ErrMalformed},
		{name: "too short", parts: [][]byte{good, short}, rows: 1, err: ErrMalformed},
		{name: "cut header", parts: [][]byte{good, good[:15]}, rows: 1, err: ErrMalformed},
	} {
		var datagram []byte
		for _, p := range tc.parts {
			datagram = append(datagram, p...)
		}
		a, rows, err := read(datagram)
		if rows != tc.rows || a.done != tc.done || a.interrupted != tc.intr || !errors.Is(err, tc.err) {
			t.Errorf("%s: %d rows, done %v, interrupted %v, error %v", tc.name, rows, a.done, a.interrupted, err)
		}
	}
}

// A caller may end a dump at any row, and use the Conn for another.
func TestDatagramLeftEarly(t *testing.T) {
	stop := errors.New("enough")
	good := row(byFamily, testSeq, testPort, make([]byte, 5))
	rows := 0
	a := answers{seq: testSeq, port: testPort, kind: byFamily}
	err := a.datagram(append(append(good, good...), status(unix.NLMSG_DONE, 0)...), func([]byte) error { rows++; return stop })
	if !errors.Is(err, stop) || rows != 1 || !a.done {
		t.Errorf("%d rows, done %v, error %v", rows, a.done, err)
	}
}

func TestDumpsLeftEarly(t *testing.T) {
	c := ownNet(t)
	newSocket(t, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	stop := errors.New("enough")
	for _, dump := range []dumper{c.Netlink, c.Unix, c.Netlink, c.tcp} {
		err := dump(t.Context(), func(*socket.Socket) error { return stop })
		if err != nil && !errors.Is(err, stop) {
			t.Error(err)
		}
	}
}

func FuzzDatagram(f *testing.F) {
	f.Add(status(unix.NLMSG_DONE, 0))
	f.Add(append(row(byFamily, testSeq, testPort, make([]byte, 72)), status(unix.NLMSG_ERROR, -2)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, rows, err := read(b)
		if rows*unix.SizeofNlMsghdr > len(b) {
			t.Errorf("%d rows in %d bytes", rows, len(b))
		}
		if err == nil && !a.done && len(b) > 0 && len(b) < unix.SizeofNlMsghdr {
			t.Errorf("%d bytes passed for a datagram", len(b))
		}
	})
}
