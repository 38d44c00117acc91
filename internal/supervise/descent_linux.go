package supervise

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
	"golang.org/x/sys/unix"
)

// descent knows which process belongs to which tree.
type descent struct {
	proc    proc.FS
	self    int
	foreign map[socket.ProcessID]bool // children that the caller had before
	owner   map[socket.ProcessID]*Tree
	lists   bool // the kernel lists the children of a process
}

func (d *descent) open() error {
	proc, err := proc.New("/proc")
	if err != nil {
		return err
	}
	d.proc, d.self = proc, os.Getpid()
	d.foreign, d.owner = map[socket.ProcessID]bool{}, map[socket.ProcessID]*Tree{}
	_, err = os.Stat(fmt.Sprintf("/proc/self/task/%d/children", d.self))
	d.lists = err == nil
	table, err := d.table()
	if err != nil {
		return err
	}
	for pid, stat := range table {
		if stat.Parent == d.self {
			d.foreign[socket.ProcessID{PID: pid, Start: stat.Start}] = true
		}
	}
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

func (d *descent) close() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }

// identify returns the identity of a child that was not yet reaped.
func (d *descent) identify(pid int) socket.ProcessID {
	start, _ := d.proc.Start(pid) // cannot vanish: its zombie stays until it is waited for
	return socket.ProcessID{PID: pid, Start: start}
}

// table reads every process that can be seen. One that vanishes meanwhile is
// left out.
func (d *descent) table() (map[int]proc.Stat, error) {
	pids, err := d.proc.PIDs()
	if err != nil {
		return nil, err
	}
	table := make(map[int]proc.Stat, len(pids))
	for _, pid := range pids {
		stat, err := d.proc.Stat(pid)
		switch {
		case err == nil:
			table[pid] = stat
		case !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
	}
	return table, nil
}

// read brings the owners up to date and reaps adopted orphans that ended.
func (d *descent) read(trees []*Tree) error {
	table, err := d.table()
	if err != nil {
		return err
	}
	c := climb{descent: d, table: table, trees: trees, found: map[int]*Tree{d.self: nil}}
	owner := map[socket.ProcessID]*Tree{}
	for pid, stat := range table {
		t := c.tree(pid)
		if t == nil {
			continue
		}
		if stat.Ended() {
			if stat.Parent == d.self && pid != t.root.PID {
				_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // nobody asks how an orphan ended
			}
			continue
		}
		owner[socket.ProcessID{PID: pid, Start: stat.Start}] = t
	}
	d.owner = owner
	return nil
}

// processes returns the living processes of the tree as last read, by pid.
func (d *descent) processes(t *Tree) []socket.ProcessID {
	var list []socket.ProcessID
	for id, owner := range d.owner {
		if owner == t {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b socket.ProcessID) int { return cmp.Compare(a.PID, b.PID) })
	return list
}

// climb finds the tree of a process by way of its ancestors.
type climb struct {
	*descent
	table map[int]proc.Stat
	trees []*Tree
	found map[int]*Tree
}

func (c *climb) tree(pid int) *Tree {
	if t, ok := c.found[pid]; ok {
		return t
	}
	c.found[pid] = nil // a parent that changes while we read must not make a circle
	t := c.find(pid)
	c.found[pid] = t
	return t
}

func (c *climb) find(pid int) *Tree {
	stat, ok := c.table[pid]
	if !ok {
		return nil
	}
	id := socket.ProcessID{PID: pid, Start: stat.Start}
	for _, t := range c.trees {
		if t.root == id {
			return t
		}
	}
	if t := c.owner[id]; t != nil {
		return t
	}
	if stat, ok = c.withParent(pid, stat); !ok {
		return nil
	}
	switch {
	case stat.Parent != c.self:
		return c.tree(stat.Parent)
	case c.foreign[id] || len(c.trees) == 0:
		return nil
	}
	// An orphan that was adopted before anybody saw its parent. With several
	// commands nothing tells whose it is: the first is the one under test.
	return c.trees[0]
}

// withParent makes sure that the table holds the parent. Where the parent
// ended while the table was read, it asks who adopted the process.
func (c *climb) withParent(pid int, stat proc.Stat) (proc.Stat, bool) {
	for {
		if _, ok := c.table[stat.Parent]; ok {
			return stat, true
		}
		if parent, err := c.proc.Stat(stat.Parent); err == nil {
			c.table[stat.Parent] = parent
			return stat, true
		}
		fresh, err := c.proc.Stat(pid)
		if err != nil || fresh.Start != stat.Start || fresh.Parent == stat.Parent {
			return stat, false
		}
		c.table[pid], stat = fresh, fresh
	}
}

// Limit says what is not followed on this system; "" when nothing is missing.
func (s *Supervisor) Limit() string { return "" }

// signalAll sends the signal to every process of the tree.
func (t *Tree) signalAll(sig unix.Signal) error {
	list, err := t.everybody()
	if err != nil {
		return err
	}
	failed := map[string]error{}
	for _, id := range list {
		if err := t.sup.descent.signal(id, sig); err != nil {
			failed[err.Error()] = err
		}
		if sig != unix.SIGKILL { // a stopped process takes no other signal
			_ = t.sup.descent.signal(id, unix.SIGCONT)
		}
	}
	return errors.Join(slices.Collect(maps.Values(failed))...)
}

// signal sends a signal to exactly this process. The pidfd pins the process,
// so that between the check of its start time and the signal the pid cannot
// come to mean another (pidfd_open(2), Linux 5.3; without it, nearly so).
func (d *descent) signal(id socket.ProcessID, sig unix.Signal) error {
	fd, err := unix.PidfdOpen(id.PID, 0)
	if err == nil {
		defer unix.Close(fd)
	} else if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if start, gone := d.proc.Start(id.PID); gone != nil || start != id.Start {
		return nil
	}
	if err == nil {
		err = unix.PidfdSendSignal(fd, sig, nil, 0)
	} else {
		err = unix.Kill(id.PID, sig)
	}
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("send %v to pid %d: %w", sig, id.PID, err)
	}
	return nil
}
