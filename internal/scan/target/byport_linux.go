package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/sockleak/sockleak/internal/parallel"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// byPort returns the processes that hold a TCP socket bound to one of the
// local ports.
func (r Resolver) byPort(ctx context.Context, ports []uint16, out *Found) ([]int, error) {
	inodes := map[uint64]bool{}
	for _, port := range ports {
		found, err := r.onPort(ctx, port)
		if err != nil {
			return nil, err
		}
		maps.Copy(inodes, found)
	}
	return r.holdersOf(inodes, out)
}

// onPort returns the inodes of the TCP sockets that are bound to the local
// port, listeners before others: when somebody listens on it, only those are
// meant. The scanner's own network namespace goes before the others, which
// are looked at only when it has nobody on the port: in each container of a
// host the same port may be in use.
func (r Resolver) onPort(ctx context.Context, port uint16) (map[uint64]bool, error) {
	users := portUsers{port: port, listening: map[uint64]bool{}, bound: map[uint64]bool{}}
	err := r.portIn(ctx, netns.Namespace{PID: r.fs.Self()}, sockdiag.Open, &users)
	if err != nil {
		return nil, err
	}
	if users.none() {
		list, _, err := netns.Others(r.fs, nil)
		if err != nil {
			return nil, fmt.Errorf("find the owner of port %d: %w", port, err)
		}
		for _, ns := range list {
			if err := r.portIn(ctx, ns, func() (*sockdiag.Conn, error) { return sockdiag.Enter(r.fs, ns) }, &users); err != nil {
				return nil, err
			}
		}
	}
	if n := users.timeWait; users.none() && n > 0 {
		return nil, fmt.Errorf("%w port %d, on which %s in TIME_WAIT, for up to 60 s: bind() fails until then, "+
			"unless the server that closed them had SO_REUSEADDR set and the new one sets it too; see sockleak explain time-wait", ErrNoMatch, port, connectionsAre(n))
	}
	if users.none() {
		return nil, fmt.Errorf("%w port %d; ss -tan shows the ports in use", ErrNoMatch, port)
	}
	if len(users.listening) > 0 {
		return users.listening, nil
	}
	return users.bound, nil
}

// portIn looks for the port in one network namespace: by sock_diag where that
// can be opened, else in the text tables, which everybody may read.
func (r Resolver) portIn(ctx context.Context, ns netns.Namespace, open func() (*sockdiag.Conn, error), users *portUsers) error {
	conn, err := open()
	if err == nil {
		err = conn.TCP(ctx, sockdiag.Filter{LocalPorts: []uint16{users.port}, Brief: true}, users.take)
		conn.Close()
	}
	if err != nil && ctx.Err() == nil {
		err = r.fs.NetTCP(ns.PID, users.take)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("find the owner of port %d: %w", users.port, err)
	}
	return nil
}

// portUsers are the sockets on one local port, by inode.
type portUsers struct {
	port             uint16
	listening, bound map[uint64]bool
	timeWait         int // connections of a program that has closed them
}

func connectionsAre(n int) string {
	if n == 1 {
		return "1 connection is"
	}
	return fmt.Sprintf("%d connections are", n)
}

func (u *portUsers) none() bool { return len(u.listening)+len(u.bound) == 0 }

func (u *portUsers) take(s *socket.Socket) error {
	switch {
	case s.Local.Port() == u.port && s.State == socket.TimeWait:
		u.timeWait++
	case s.Inode == 0 || s.Local.Port() != u.port:
	case s.State == socket.Listen:
		u.listening[s.Inode] = true
	default:
		u.bound[s.Inode] = true
	}
	return nil
}

// holdersOf returns the processes that hold one of the sockets. Processes
// that may not be read are left out: that some sockets are theirs is a gap, and
// when all are, an error.
func (r Resolver) holdersOf(inodes map[uint64]bool, out *Found) ([]int, error) {
	pids, err := r.fs.PIDs()
	if err != nil {
		return nil, err
	}
	found, refused := make([][]uint64, len(pids)), make([]bool, len(pids))
	parallel.Do(len(pids), func(i int) {
		_, err := r.fs.SocketFDs(pids[i], func(_ int32, inode uint64) {
			if inodes[inode] {
				found[i] = append(found[i], inode)
			}
		})
		refused[i] = errors.Is(err, fs.ErrPermission)
	})
	var owners []int
	known := map[uint64]bool{}
	for i, pid := range pids {
		if len(found[i]) > 0 {
			owners = append(owners, pid)
		}
		for _, inode := range found[i] {
			known[inode] = true
		}
	}
	if len(owners) == 0 {
		return nil, fmt.Errorf("%w: the sockets on that port belong to processes that may not be read; run as root", ErrNoMatch)
	}
	if missing := len(inodes) - len(known); missing > 0 && slices.Contains(refused, true) {
		out.gap(socket.Gap{Where: "owners of the other sockets on that port", Count: missing, Blinds: true,
			Why: "their processes could not be read", Hint: "run as root"})
	}
	return owners, nil
}
