package scan

import (
	"context"
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// byPort returns the processes that hold a TCP socket bound to the local
// port, listeners before others: when somebody listens on it, only those are
// meant.
func (sys *system) byPort(ctx context.Context, port uint16) ([]int, error) {
	conn, err := sockdiag.Open()
	if err != nil {
		return nil, fmt.Errorf("find the owner of port %d: %w", port, err)
	}
	defer conn.Close()
	listening, bound := map[uint64]bool{}, map[uint64]bool{}
	err = conn.TCP(ctx, sockdiag.Filter{LocalPorts: []uint16{port}}, func(s *socket.Socket) error {
		switch {
		case s.Inode == 0:
		case s.State == socket.Listen:
			listening[s.Inode] = true
		default:
			bound[s.Inode] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find the owner of port %d: %w", port, err)
	}
	if len(listening) > 0 {
		bound = listening
	}
	if len(bound) == 0 {
		return nil, fmt.Errorf("%w port %d; ss -tan shows the ports in use", ErrNoMatch, port)
	}
	return sys.holdersOf(bound)
}

// holdersOf returns the processes that hold one of the sockets. Processes
// that may not be read are left out; when none is left, that is an error.
func (sys *system) holdersOf(inodes map[uint64]bool) ([]int, error) {
	pids, err := sys.proc.PIDs()
	if err != nil {
		return nil, err
	}
	var owners []int
	for _, pid := range pids {
		found := false
		// An error means that the process is gone or may not be read.
		_, _ = sys.proc.SocketFDs(pid, func(_ int32, inode uint64) { found = found || inodes[inode] })
		if found {
			owners = append(owners, pid)
		}
	}
	if len(owners) == 0 {
		return nil, fmt.Errorf("%w: the sockets on that port belong to processes that may not be read; run as root", ErrNoMatch)
	}
	return owners, nil
}
