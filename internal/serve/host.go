package serve

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// OnlyHosts answers only requests whose Host header names this server: the
// address that the connection came to, localhost, or one of the given names,
// which have no port. A web page that lets its own name point to 127.0.0.1
// (DNS rebinding) is so refused, with status 421 (RFC 9110, 15.5.20).
func OnlyHosts(h http.Handler, names ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostOf(r.Host)
		if !isHere(host, r) && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, host) }) {
			text(w, http.StatusMisdirectedRequest,
				fmt.Sprintf("%.100q is not a name of this server: start it with --allow-host for a name or address that clients use\n", host))
			return
		}
		h.ServeHTTP(w, r)
	})
}

// hostOf returns a Host header without its port and brackets.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	return strings.Trim(header, "[]")
}

// isHere reports whether the name is localhost or the address that the
// connection came to. No browser leaves it out, as HTTP/1.0 may.
func isHere(host string, r *http.Request) bool {
	if host == "" || strings.EqualFold(host, "localhost") {
		return true
	}
	named, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.AddrPort().Addr().Unmap().WithZone("") == named.Unmap().WithZone("")
}
