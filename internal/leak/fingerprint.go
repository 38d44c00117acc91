package leak

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// firstEphemeralPort is the lower end of Linux's default
// net.ipv4.ip_local_port_range: ports from here on differ from run to run.
const firstEphemeralPort = 32768

// Fingerprint identifies the finding across runs, hosts and restarts, without
// pids, counts and times. p may be nil.
//
// A finding about a group of sockets is that of a program: its rule, the name
// of the process, the protocol and the role. Where the sockets go is not part
// of it: today all that leaked may go to one place, tomorrow to two. What is
// judged place by place (ports, TIME_WAIT) has its place in it, but for
// ephemeral ports.
//
// Where one place in the code is known to have opened the sockets, that follows
// behind a dash: see SameFinding for what is the same then.
func (f *Finding) Fingerprint(p *socket.Process) string {
	if parts := f.Parts(p); len(parts) == 1 {
		return parts[0].Fingerprint
	}
	return f.base(p)
}

// base is the part of the fingerprint that needs no trace.
func (f *Finding) base(p *socket.Process) string {
	name := ""
	if p != nil {
		name = p.Name
	}
	proto := ""
	if len(f.Sockets) > 0 {
		proto = f.Sockets[0].Proto()
		if f.Sockets[0].Protocol == socket.MPTCP { // falls back to TCP connection by connection
			proto = socket.TCP.String()
		}
	}
	parts := []string{f.Rule, name, proto, stablePort(f.Local), stableAddr(f.Remote)}
	if f.Pattern != "" {
		parts = []string{f.Pattern, name, proto, f.Role.String()}
	}
	return digest(8, parts...)
}

func digest(bytes int, parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(strconv.Quote(part)))
	}
	return hex.EncodeToString(sum.Sum(nil)[:bytes])
}

func stablePort(a netip.AddrPort) string {
	switch {
	case !a.IsValid():
		return ""
	case a.Port() >= firstEphemeralPort:
		return "ephemeral"
	}
	return strconv.Itoa(int(a.Port()))
}

func stableAddr(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.Addr().String() + " " + stablePort(a)
}

// BaseFingerprint returns the part of a fingerprint that is the same with and
// without a trace.
func BaseFingerprint(fingerprint string) string {
	const digits = 16
	if len(fingerprint) > digits && fingerprint[digits] == '-' {
		return fingerprint[:digits]
	}
	return fingerprint
}

// SameFinding reports whether two fingerprints are of one finding: they differ
// at most in that one of them has no place.
func SameFinding(a, b string) bool {
	baseA, placeA, _ := strings.Cut(a, "-")
	baseB, placeB, _ := strings.Cut(b, "-")
	return baseA == baseB && (placeA == placeB || placeA == "" || placeB == "")
}

// Part is a number of sockets of a finding with a fingerprint of their own.
type Part struct {
	Fingerprint string
	Sockets     int
}

// Parts returns a part for each place in the code that is known to have opened
// sockets of the finding, the largest first. Those of which it is not known count
// as the first's; where none is known, there is one part.
func (f *Finding) Parts(p *socket.Process) []Part {
	base, unplaced := f.base(p), len(f.Sockets)
	var list []Part
	for place, n := range f.places() {
		unplaced -= n
		list = append(list, Part{base + "-" + place, n})
	}
	slices.SortFunc(list, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Sockets, a.Sockets), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	if len(list) == 0 {
		return []Part{{base, len(f.Sockets)}}
	}
	list[0].Sockets += unplaced
	return list
}

// places counts the sockets by the place that opened them, as far as known.
func (f *Finding) places() map[string]int {
	counts := map[string]int{}
	for _, s := range f.Sockets {
		if at := placeOpened(s); at != "" {
			counts[at]++
		}
	}
	return counts
}

// unplaced reports whether it is not known of some sockets where they were
// opened.
func (f *Finding) unplaced() bool {
	return slices.ContainsFunc(f.Sockets, func(s *socket.Socket) bool { return placeOpened(s) == "" })
}

// placeOpened identifies the place in the program's own code at which a socket
// was opened, else that which started the thread: the function, and how far below its
// first line, so that a change above it makes no other place. Directories differ
// from host to host. It is "" where no place is known.
func placeOpened(s *socket.Socket) string {
	if s.Origin == nil {
		return ""
	}
	at := s.Origin.Own()
	if at == nil {
		at = s.Origin.Start
	}
	if at == nil || !at.Own || at.Function == "" && at.Line == 0 {
		return ""
	}
	line := 0
	if at.Begin > 0 || at.Function == "" {
		line = at.Line - at.Begin
	}
	return digest(4, path.Base(at.File), at.Function, strconv.Itoa(line))
}
