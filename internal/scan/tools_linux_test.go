package scan

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// tool runs a program of the system; it skips where it is missing.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("needs %s", name)
	}
	out, err := exec.Command(name, args...).Output()
	if err != nil && len(out) == 0 { // lsof exits with 1 when some selection matched nothing
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

// ssRow is what ss(8) says of a socket.
type ssRow struct {
	state, recvQ, sendQ, local, remote string
	inode, cookie                      uint64
	fds                                []int32
}

// ssRows returns the rows of ss that the process holds, by inode.
func ssRows(t *testing.T, pid int, flags string) map[uint64]ssRow {
	t.Helper()
	inodeRE, cookieRE := regexp.MustCompile(`\bino:(\d+)`), regexp.MustCompile(`\bsk:([0-9a-f]+)`)
	fdRE := regexp.MustCompile(`pid=` + strconv.Itoa(pid) + `,fd=(\d+)\)`)
	rows := map[uint64]ssRow{}
	for line := range strings.Lines(tool(t, "ss", flags)) {
		f := strings.Fields(line)
		holders := fdRE.FindAllStringSubmatch(line, -1)
		if len(f) < 5 || len(holders) == 0 {
			continue
		}
		r := ssRow{state: f[0], recvQ: f[1], sendQ: f[2], local: f[3], remote: f[4]}
		if m := inodeRE.FindStringSubmatch(line); m != nil {
			r.inode, _ = strconv.ParseUint(m[1], 10, 64)
		}
		if m := cookieRE.FindStringSubmatch(line); m != nil {
			r.cookie, _ = strconv.ParseUint(m[1], 16, 64)
		}
		for _, h := range holders {
			fd, _ := strconv.Atoi(h[1])
			r.fds = append(r.fds, int32(fd))
		}
		rows[r.inode] = r
	}
	return rows
}

// ssState is the state in the words of ss.
func ssState(s *socket.Socket) string {
	switch s.State {
	case socket.Established:
		return "ESTAB"
	case socket.Close:
		return "UNCONN"
	case socket.FinWait2:
		return "FIN-WAIT-2"
	}
	return strings.ReplaceAll(s.State.String(), "_", "-")
}

// ss and sockleak say the same of every TCP and UDP socket that ss shows. What
// ss does not show is in no table: sockets that are new, only bound, failed or
// reset.
func TestAgainstSS(t *testing.T) {
	var z zoo
	child := testkit.Spawn(t, &z, nil, "zoo")
	for _, source := range []string{"bpf", "sockdiag"} {
		t.Run(source, func(t *testing.T) {
			snap := lookAt(t, scanner(t, source, false), child.PID)
			rows := ssRows(t, child.PID, "-tanpieOH")
			for inode, r := range ssRows(t, child.PID, "-uanpeOH") {
				rows[inode] = r
			}
			seen := 0
			for _, s := range snap.Sockets {
				if !s.IsTCP() && !(s.IsUDP() && s.Protocol == socket.UDP) || len(s.Holders) == 0 {
					continue
				}
				r, shown := rows[s.Inode]
				delete(rows, s.Inode)
				if inTable := s.Presence == socket.InTable; shown != inTable {
					t.Errorf("%s %v, %v: shown by ss: %v", s.Proto(), s.State, s.Presence, shown)
				}
				if shown {
					seen++
					r.compare(t, s)
				}
			}
			for inode, r := range rows {
				t.Errorf("inode %d of ss is missing: %+v", inode, r)
			}
			if seen < 200 {
				t.Errorf("only %d sockets were compared", seen)
			}
		})
	}
}

// compare holds a row of ss against a socket. Under an MPTCP socket ss shows
// the subflow, which has another cookie and queues of its own.
func (r *ssRow) compare(t *testing.T, s *socket.Socket) {
	t.Helper()
	if r.state != ssState(s) || len(r.fds) != len(s.Holders) {
		t.Errorf("inode %d: %v with %d holders; ss has %+v", s.Inode, s.State, len(s.Holders), r)
	}
	if s.Protocol == socket.MPTCP {
		return
	}
	if s.Cookie != r.cookie || s.Has(socket.HasQueues) && (strconv.Itoa(int(s.RecvQ)) != r.recvQ || strconv.Itoa(int(s.SendQ)) != r.sendQ) {
		t.Errorf("inode %d: cookie %#x, queues %d and %d; ss has %+v", s.Inode, s.Cookie, s.RecvQ, s.SendQ, r)
	}
	// ss writes IPv4-mapped addresses as [::ffff:127.0.0.1]; sockleak as IPv4.
	// An address that listens on both is * there and :: here.
	plain := func(a string) string { return strings.NewReplacer("[::ffff:", "", "]", "", "[", "").Replace(a) }
	if s.Local.IsValid() && s.State != socket.Listen && plain(s.Local.String()) != plain(r.local) ||
		s.Remote.IsValid() && plain(s.Remote.String()) != plain(r.remote) {
		t.Errorf("inode %d: %v to %v; ss has %s to %s", s.Inode, s.Local, s.Remote, r.local, r.remote)
	}
}

// ss -x tells the ends of UNIX connections: its ports are inodes.
func TestAgainstSSUnix(t *testing.T) {
	var z zoo
	child := testkit.Spawn(t, &z, nil, "zoo")
	peers := map[uint64]string{}
	for line := range strings.Lines(tool(t, "ss", "-xanpOH")) {
		// Netid State Recv-Q Send-Q NAME INODE NAME PEER users: names may have blanks.
		m := regexp.MustCompile(`^(u_\S+)\s+(\S+)\s.* (\d+)\s+\* (\d+)\s+users:.*pid=` + strconv.Itoa(child.PID) + `,`).FindStringSubmatch(line)
		if m != nil {
			inode, _ := strconv.ParseUint(m[3], 10, 64)
			peers[inode] = m[2] + " " + m[4]
		}
	}
	n := 0
	for _, s := range lookAt(t, scanner(t, "sockdiag", false), child.PID).Sockets {
		if s.Family != socket.Unix || s.UnixInfo == nil || s.Holders[0].FD < 3 {
			continue
		}
		n++
		if want := ssState(s) + " " + strconv.FormatUint(s.UnixInfo.PeerInode, 10); peers[s.Inode] != want {
			t.Errorf("inode %d: %q; ss has %q", s.Inode, want, peers[s.Inode])
		}
	}
	if n < each {
		t.Errorf("only %d sockets were compared", n)
	}
}

// lsof finds the same socket descriptors. Of those in no table it says no more
// than "sock", which is where sockleak goes on.
func TestAgainstLsof(t *testing.T) {
	var z zoo
	child := testkit.Spawn(t, &z, nil, "zoo")
	snap := lookAt(t, scanner(t, "sockdiag", false), child.PID)
	found := byFD(t, snap, child.PID)
	var fd int32
	var kind string
	seen := map[int32]bool{}
	for line := range strings.Lines(tool(t, "lsof", "-nP", "-p", strconv.Itoa(child.PID), "-F", "ftT")) {
		value := strings.TrimSpace(line[1:])
		switch line[0] {
		case 'f':
			n, err := strconv.Atoi(value)
			if err != nil {
				n = -1
			}
			fd, kind = int32(n), ""
		case 't':
			kind = value
			switch kind {
			case "IPv4", "IPv6", "unix", "sock", "netlink", "pack", "raw", "raw6":
				if seen[fd] = true; found[fd] == nil {
					t.Errorf("fd %d, %s, is missing", fd, kind)
				}
			}
		case 'T':
			state, ok := strings.CutPrefix(value, "ST=")
			s := found[fd]
			if !ok || s == nil || !s.IsTCP() {
				continue
			}
			if want, _ := socket.ParseState(state); want != s.State && s.Protocol != socket.MPTCP {
				t.Errorf("fd %d: %v; lsof has %s", fd, s.State, state)
			}
		}
	}
	for n, s := range found {
		if !seen[n] && n > 2 {
			t.Errorf("fd %d, %s %v, is not shown by lsof", n, s.Proto(), s.State)
		}
	}
	if len(seen) < 300 {
		t.Errorf("only %d descriptors were compared", len(seen))
	}
}
