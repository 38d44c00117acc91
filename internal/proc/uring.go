//go:build linux

package proc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// ring is where a process has an io_uring(7) in its memory: the rings of what
// was submitted and of what was completed, and the entries of the first. The
// kernel takes an entry and leaves it there until another takes its place.
type ring struct {
	rings, entries span
	twice          bool // there are several
}

type span struct{ start, end uint64 }

// Offsets of mmap(2) that tell the parts of an io_uring apart
// (include/uapi/linux/io_uring.h).
const (
	offRings   = "00000000" // IORING_OFF_SQ_RING
	offEntries = "10000000" // IORING_OFF_SQES
)

var errRings = errors.New("the rings of io_uring are not where they are looked for")

// findRing finds the io_uring of a descriptor: since Linux 5.16 each has an inode
// of its own. Which of several it is that share one nothing tells without holding
// up their users, for fdinfo takes a ring's lock.
func findRing(dir string, fd int32) (r ring, err error) {
	var st unix.Stat_t
	own := unix.Stat(dir+"/fd/"+strconv.Itoa(int(fd)), &st) == nil // not of a registered one
	err = eachLineOf(dir+"/maps", func(_ int, line []byte) error {
		if !bytes.HasSuffix(line, []byte(" anon_inode:[io_uring]")) {
			return nil
		}
		var f [5][]byte
		for i := range f {
			f[i], line = nextField(line)
		}
		inode, _ := parseUint(f[4], 10)
		s, ok := parseSpan(f[0])
		if !ok || own && inode != st.Ino {
			return nil
		}
		switch string(f[2]) {
		case offRings:
			r.twice = r.twice || r.rings.end != 0
			r.rings = s
		case offEntries:
			r.twice = r.twice || r.entries.end != 0
			r.entries = s
		}
		return nil
	})
	if err == nil && (r.twice || r.rings.end == 0 || r.entries.end == 0) {
		err = errRings
	}
	return r, err
}

// parseSpan parses START-END of a line of /proc/PID/maps.
func parseSpan(text []byte) (s span, ok bool) {
	from, to, _ := bytes.Cut(text, []byte("-"))
	var okStart, okEnd bool
	s.start, okStart = parseUint(from, 16)
	s.end, okEnd = parseUint(to, 16)
	return s, okStart && okEnd && s.start < s.end
}

// ringLayout is where the numbers of struct io_rings are (io_uring/io_uring.c,
// include/linux/io_uring_types.h), and the answers behind them.
type ringLayout struct {
	sqHead, cqTail  int
	sqMask, sqCount int // those of answers follow
	answers         uint64
}

// ringLayouts are those of the kernels: in older ones each head and tail has a
// cache line of its own.
func ringLayouts() []ringLayout {
	return []ringLayout{
		{sqHead: 0, cqTail: 12, sqMask: 16, sqCount: 24, answers: 64},
		{sqHead: 0, cqTail: 192, sqMask: 256, sqCount: 264, answers: 320},
	}
}

const (
	requestSize, answerSize = 64, 16 // struct io_uring_sqe and io_uring_cqe
	mostRequests            = 4096   // of a ring: larger ones are not read
)

// ringState is what a ring says of itself.
type ringState struct {
	submitted, completed uint64 // so many
	requests, answers    uint64 // that there is room for
	at                   uint64 // address of the answers
}

// state reads the numbers of a ring in the layout in which they fit together.
func (r ring) state(mem file) (s ringState, err error) {
	var head [320]byte
	if err := mem.readAt(head[:], r.rings.start); err != nil {
		return s, err
	}
	number := func(at int) uint64 { return uint64(binary.NativeEndian.Uint32(head[at:])) }
	power := func(n, most uint64) bool { return n > 0 && n <= most && n&(n-1) == 0 }
	for _, l := range ringLayouts() {
		s := ringState{
			submitted: number(l.sqHead), completed: number(l.cqTail), at: r.rings.start + l.answers,
			requests: number(l.sqCount), answers: number(l.sqCount + 4),
		}
		size := r.entries.end - r.entries.start
		if power(s.requests, mostRequests) && number(l.sqMask) == s.requests-1 &&
			power(s.answers, 4*mostRequests) && number(l.sqMask+4) == s.answers-1 &&
			s.at+s.answers*answerSize <= r.rings.end && s.requests*requestSize <= size &&
			size < max(2*s.requests*requestSize, 2*pageBytes) { // those of twice the size (IORING_SETUP_SQE128) are not for sockets
			return s, nil
		}
	}
	return s, errRings
}

// pending returns the descriptors of requests that were submitted and have not
// been completed, as far as the rings go back. Of requests that the program does
// not tell apart the older ones count as completed. A request with a registered
// file has no descriptor. That the program writes the entries in the order of the
// ring, as nearly all do, is taken for granted.
func (r ring) pending(mem file) ([]int32, error) {
	s, err := r.state(mem)
	if err != nil {
		return nil, err
	}
	requests, answers := make([]byte, s.requests*requestSize), make([]byte, s.answers*answerSize)
	if err := errors.Join(mem.readAt(answers, s.at), mem.readAt(requests, r.entries.start)); err != nil {
		return nil, err
	}
	number := func(e []byte, at int) uint64 { return binary.NativeEndian.Uint64(e[at:]) }
	answered := map[uint64]int{} // by what the program tells requests apart with
	each(answers, answerSize, s.completed, func(e []byte) {
		const more = 1 << 1 // IORING_CQE_F_MORE: it goes on
		if binary.NativeEndian.Uint32(e[12:])&more == 0 {
			answered[number(e, 0)]++
		}
	})
	var fds []int32
	each(requests, requestSize, s.submitted, func(e []byte) {
		if answered[number(e, 32)]--; answered[number(e, 32)] >= 0 {
			return
		}
		const registered, silent = 1 << 0, 1 << 6 // IOSQE_FIXED_FILE, IOSQE_CQE_SKIP_SUCCESS
		fd := int32(binary.NativeEndian.Uint32(e[4:]))
		if waitsFor(e[0]) && e[1]&(registered|silent) == 0 && !slices.Contains(fds, fd) {
			fds = append(fds, fd)
		}
	})
	return fds, nil
}

const pageBytes = 4096

// each calls do with the newest elements of a ring to which so many were added.
func each(ring []byte, size, added uint64, do func(element []byte)) {
	n := uint64(len(ring)) / size
	for i := added - min(added, n); i != added; i++ {
		at := i % n * size
		do(ring[at : at+size])
	}
}

// waitsFor reports whether a request waits for its descriptor as the system
// call of that name does (enum io_uring_op).
func waitsFor(operation byte) bool {
	switch operation {
	case 1, 2, 4, 5: // IORING_OP_READV, WRITEV, READ_FIXED, WRITE_FIXED
	case 6, 9, 10: // IORING_OP_POLL_ADD, SENDMSG, RECVMSG
	case 13, 16: // IORING_OP_ACCEPT, CONNECT
	case 22, 23, 26, 27: // IORING_OP_READ, WRITE, SEND, RECV
	case 47, 48: // IORING_OP_SEND_ZC, SENDMSG_ZC
	default:
		return false
	}
	return true
}
