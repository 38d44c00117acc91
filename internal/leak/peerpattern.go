package leak

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// PeerPattern matches the other end of a connection.
type PeerPattern struct {
	Net  netip.Prefix // of one address, or of many
	Port uint16       // 0 is any
}

// ParsePeer parses ADDR[/BITS][:PORT]. An IPv6 address needs brackets when a
// port follows: [fe80::/10]:443 or [::1]:5432. An IPv4-mapped IPv6 address is
// the IPv4 address.
func ParsePeer(text string) (PeerPattern, error) {
	host, port, hasPort := splitPort(text)
	var p PeerPattern
	if hasPort {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return p, fmt.Errorf("%q: %q is not a port from 1 to 65535", text, port)
		}
		p.Port = uint16(n)
	}
	var err error
	if strings.Contains(host, "/") {
		if p.Net, err = netip.ParsePrefix(host); p.Net.Addr().Is4In6() && p.Net.Bits() >= 96 {
			p.Net = netip.PrefixFrom(p.Net.Addr().Unmap(), p.Net.Bits()-96)
		}
	} else {
		var a netip.Addr
		if a, err = netip.ParseAddr(host); err == nil {
			a = a.Unmap().WithZone("")
			p.Net = netip.PrefixFrom(a, a.BitLen())
		}
	}
	if err != nil {
		return PeerPattern{}, fmt.Errorf("%q is not an address such as 10.0.0.5, 10.0.0.0/8, 10.0.0.5:5432 or [fe80::/10]:443", text)
	}
	p.Net = p.Net.Masked()
	return p, nil
}

// splitPort parts the port from what may be an IPv6 address without one.
func splitPort(text string) (host, port string, ok bool) {
	if rest, bracketed := strings.CutPrefix(text, "["); bracketed {
		if host, port, ok = strings.Cut(rest, "]:"); ok {
			return host, port, true
		}
		host, after, closed := strings.Cut(rest, "]")
		if closed && after == "" {
			return host, "", false
		}
		return text, "", false
	}
	if strings.Count(text, ":") == 1 {
		return strings.Cut(text, ":")
	}
	return text, "", false
}

// Matches reports whether the pattern is about the address; never when there
// is none.
func (p *PeerPattern) Matches(a netip.AddrPort) bool {
	return a.IsValid() && p.Net.Contains(a.Addr().Unmap().WithZone("")) && (p.Port == 0 || a.Port() == p.Port)
}

// String returns the pattern as ParsePeer reads it.
func (p PeerPattern) String() string {
	host := p.Net.String()
	if p.Net.IsSingleIP() {
		host = p.Net.Addr().String()
	}
	if p.Port == 0 {
		return host
	}
	if p.Net.Addr().Is6() {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(p.Port))
}
