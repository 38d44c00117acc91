package leak

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"

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
func (f *Finding) Fingerprint(p *socket.Process) string {
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
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(strconv.Quote(part)))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
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
