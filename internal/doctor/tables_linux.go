package doctor

import (
	"context"
	"errors"

	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// tables asks sock_diag for each of its tables. Opening them may load the
// kernel's modules, as any use of them does.
func tables(ctx context.Context, _ Options) []Check {
	conn, err := sockdiag.Open()
	if err != nil {
		return []Check{{Name: "sock_diag", Status: Missing, Found: err.Error(), Gives: "the sockdiag source",
			Fix: []string{"use a kernel with CONFIG_INET_DIAG, and a seccomp profile that allows AF_NETLINK"}}}
	}
	defer conn.Close()
	var list []Check
	for _, t := range []struct {
		name, module string
		dump         func(context.Context, func(*socket.Socket) error) error
	}{
		{"tcp", "tcp_diag", func(ctx context.Context, yield func(*socket.Socket) error) error {
			return conn.TCP(ctx, sockdiag.Filter{States: socket.StateSet(socket.Listen)}, yield)
		}},
		{"mptcp", "mptcp_diag", conn.MPTCP},
		{"bound tcp", "tcp_diag", conn.BoundInactive},
		{"udp", "udp_diag", conn.UDP},
		{"udplite", "udp_diag", conn.UDPLite},
		{"raw", "raw_diag", conn.Raw},
		{"unix", "unix_diag", conn.Unix},
		{"netlink", "netlink_diag", conn.Netlink},
		{"packet", "af_packet_diag", conn.Packet},
		{"vsock", "vsock_diag", conn.Vsock},
	} {
		c := Check{Name: "sock_diag " + t.name, Status: OK, Found: "answers", Gives: t.name + " sockets in the sockdiag source"}
		err := t.dump(ctx, func(*socket.Socket) error { return nil })
		switch {
		case err == nil:
		case errors.Is(err, sockdiag.ErrNoModule):
			c.Status, c.Found, c.Fix = Limited, err.Error(), []string{"sudo modprobe " + t.module}
		default:
			c.Status, c.Found = Limited, err.Error()
		}
		list = append(list, c)
	}
	return list
}
