package sockleaktest

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/sockleak/sockleak/internal/socket"
)

// Socket is an open socket of the test's process.
type Socket struct {
	FD      int
	Network string         // such as tcp, udp or unix
	State   string         // as ss(8) names it, such as LISTEN or CLOSE_WAIT; "" when unknown
	Local   netip.AddrPort // of IP sockets; the zero value when not bound
	Remote  netip.AddrPort // of IP sockets; the zero value when not connected
	Path    string         // of UNIX sockets that are bound, else ""; abstract names begin with @
	Unread  int            // bytes that wait to be read; 0 when unknown

	id    identity
	state socket.State
}

// identity tells sockets apart. Descriptors and inodes are reused; the
// kernel's cookie (SO_COOKIE, Linux 4.6) is not.
type identity struct{ cookie, inode uint64 }

// String describes the socket on one line.
func (s Socket) String() string {
	text := fmt.Sprintf("fd %d  %s", s.FD, s.Network)
	if s.State != "" {
		text += " " + s.State
	}
	switch {
	case s.Path != "":
		text += " " + strconv.Quote(s.Path)
	case s.Local.IsValid():
		text += " " + s.Local.String()
	}
	if s.Remote.IsValid() {
		text += " -> " + s.Remote.String()
	}
	if s.Unread > 0 {
		text += fmt.Sprintf(", %d bytes unread", s.Unread)
	}
	return text
}

// remedy says what to close.
func (s Socket) remedy() string {
	switch {
	case s.state == socket.Listen:
		return "close the listener (httptest: server.Close())"
	case s.state == socket.CloseWait:
		return "the peer has closed; close the connection too (net/http: close resp.Body)"
	case s.state == socket.FinWait1, s.state == socket.FinWait2:
		return "CloseWrite does not close: call Close as well"
	case s.state == socket.Established && s.Network != "unix":
		return "close the connection; after net/http: close resp.Body, then client.CloseIdleConnections()"
	case s.state == socket.Close && s.Network == "tcp":
		return "it was never connected, or was reset: close it all the same, also where Dial or Read fails"
	}
	return "close it"
}
