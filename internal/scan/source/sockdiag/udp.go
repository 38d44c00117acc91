//go:build linux

package sockdiag

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// UDP yields the UDP sockets of both address families that are bound or
// connected. The queues are the memory that they take. The errors are those of
// [Conn.TCP].
func (c *Conn) UDP(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dumpFamilies(ctx, "udp", socket.UDP, 0, parseUDP, yield)
}

// UDPLite yields the UDP-Lite sockets (RFC 3828) as UDP does. A kernel
// without the protocol answers [ErrNoModule].
func (c *Conn) UDPLite(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dumpFamilies(ctx, "udplite", socket.UDPLite, 0, parseUDPLite, yield)
}

// Raw yields the raw sockets of both address families, their protocol in
// Protocol and no ports. It takes raw_diag (Linux 4.10+), which many kernels
// lack: [ErrNoModule].
func (c *Conn) Raw(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dumpFamilies(ctx, "raw", ipprotoRaw, 0, parseRaw, yield)
}

// ipprotoRaw is IPPROTO_RAW of include/uapi/linux/in.h.
const ipprotoRaw socket.Protocol = 255

// dumpFamilies dumps a protocol's IPv4 and then its IPv6 sockets.
func (c *Conn) dumpFamilies(ctx context.Context, what string, protocol socket.Protocol, ext uint8,
	parse func([]byte, *socket.Socket) error, yield func(*socket.Socket) error) error {
	return c.eachFamily(func(family socket.Family) error {
		request := inetRequest(family, protocol, ext, socket.AllStates, nil)
		return c.dump(ctx, query{what: what, kind: byFamily, request: request, parse: parse}, yield)
	})
}

// eachFamily calls dump for IPv4 and IPv6.
func (c *Conn) eachFamily(dump func(socket.Family) error) error {
	if err := dump(socket.IPv4); err != nil {
		return err
	}
	return dump(socket.IPv6)
}
