//go:build linux

package sockdiag

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/netns"
)

// threadNetNS names the network namespace of the calling thread.
const threadNetNS = "/proc/thread-self/ns/net"

// OpenIn returns a Conn in the network namespace at path, such as
// /proc/PID/ns/net or /run/netns/NAME. What it needs, and its errors, are those
// of [netns.Do].
func OpenIn(path string) (conn *Conn, err error) {
	err = netns.Do(path, func(id uint64) (err error) {
		conn, err = newConn(id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sockets in %s: %w", path, err)
	}
	return conn, nil
}
