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

// Fingerprint identifies the finding across runs, hosts and restarts: its
// rule, the name of the process and the place, without pids, counts, times
// and ephemeral ports. p may be nil.
func (f *Finding) Fingerprint(p *socket.Process) string {
	name := ""
	if p != nil {
		name = p.Name
	}
	proto := ""
	if len(f.Sockets) > 0 {
		proto = f.Sockets[0].Proto()
	}
	sum := sha256.New()
	for _, part := range []string{f.Rule, name, proto, stablePort(f.Local), stableAddr(f.Remote)} {
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
