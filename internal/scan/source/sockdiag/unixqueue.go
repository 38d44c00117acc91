//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// UnixQueues yields the UNIX listeners in whose accept queue somebody waits, by
// inode, with the inodes of the clients in the order in which they will be
// accepted (UNIX_DIAG_ICONS); 0 stands for a client that has closed since. The
// list is valid until yield returns. The errors are those of [Conn.TCP].
func (c *Conn) UnixQueues(ctx context.Context, yield func(listener uint64, clients []uint64) error) error {
	var clients []uint64
	parse := func(b []byte, s *socket.Socket) error {
		if err := checkHeader(b, "unix_diag_msg", sizeofUnixDiagMsg, socket.Unix); err != nil {
			return err
		}
		s.Inode = uint64(binary.NativeEndian.Uint32(b[4:]))
		var err error
		clients, err = parseIcons(b[sizeofUnixDiagMsg:], clients[:0])
		return err
	}
	request := unixRequestOf(socket.StateSet(socket.Listen), udiagShowIcons)
	return c.dump(ctx, query{what: "unix", kind: byFamily, request: request, parse: parse}, func(s *socket.Socket) error {
		if len(clients) == 0 {
			return nil
		}
		return yield(s.Inode, clients)
	})
}

// parseIcons appends the inodes of the attribute that holds them, an array of
// numbers of 32 bits.
func parseIcons(b []byte, clients []uint64) ([]uint64, error) {
	for len(b) > 0 {
		kind, value, rest, err := cutAttr(b)
		if err != nil {
			return nil, err
		}
		b = rest
		if kind != unixDiagIcons {
			continue
		}
		for ; len(value) >= 4; value = value[4:] {
			clients = append(clients, uint64(binary.NativeEndian.Uint32(value)))
		}
	}
	return clients, nil
}
