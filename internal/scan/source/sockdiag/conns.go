//go:build linux

package sockdiag

import (
	"errors"
	"fmt"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/socket"
)

// Conns are connections in several network namespaces, one in each. They are
// opened when they are first asked for and kept between looks, as long as there
// are few. They are not for concurrent use.
type Conns struct {
	fs   proc.FS
	open map[uint64]*Conn // by namespace; the caller's own is 0
}

// maxConns bounds how many connections are kept: of short-lived containers
// there is one more after the other.
const maxConns = 16

// NewConns returns connections in the namespaces of the processes of fs. None
// is open yet.
func NewConns(fs proc.FS) *Conns { return &Conns{fs: fs, open: map[uint64]*Conn{}} }

// Close closes them all.
func (c *Conns) Close() error {
	var err error
	for id, conn := range c.open {
		err = errors.Join(err, conn.Close())
		delete(c.open, id)
	}
	return err
}

// Own returns the connection in the caller's own namespace.
func (c *Conns) Own() (*Conn, error) {
	if conn := c.open[0]; conn != nil {
		return conn, nil
	}
	conn, err := Open()
	if err != nil {
		return nil, err
	}
	c.open[0] = conn
	return conn, nil
}

// In returns the connection in the namespace. It needs CAP_SYS_ADMIN in another
// one than the caller's own. It is valid until the namespaces of maxConns
// others have been entered.
func (c *Conns) In(ns netns.Namespace) (*Conn, error) {
	own, err := c.Own()
	if err != nil || ns.ID == 0 || ns.ID == own.NetNS() {
		return own, err
	}
	if conn := c.open[ns.ID]; conn != nil {
		return conn, nil
	}
	conn, err := Enter(c.fs, ns)
	if err != nil {
		return nil, err
	}
	c.makeRoom()
	c.open[ns.ID] = conn
	return conn, nil
}

// makeRoom closes a connection when there are too many.
func (c *Conns) makeRoom() {
	if len(c.open) < maxConns {
		return
	}
	for id, conn := range c.open {
		if id != 0 {
			_ = conn.Close() // nothing was written
			delete(c.open, id)
			return
		}
	}
}

// Of returns the connection in the namespace with the inode, entered through a
// process of the list that lives there.
func (c *Conns) Of(id uint64, processes []socket.Process) (*Conn, error) {
	for i := range processes {
		if p := &processes[i]; p.NetNS == id {
			return c.In(netns.Namespace{ID: id, PID: p.ID.PID})
		}
	}
	own, err := c.Own()
	if err != nil || id == 0 || id == own.NetNS() {
		return own, err
	}
	return nil, fmt.Errorf("no process of the snapshot lives in network namespace %d", id)
}

// Enter returns a connection in the namespace, which the caller closes.
func Enter(fs proc.FS, ns netns.Namespace) (conn *Conn, err error) {
	err = ns.Do(fs, func(id uint64) (err error) {
		conn, err = newConn(id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sockets in the network namespace of pid %d: %w", ns.PID, err)
	}
	return conn, nil
}
