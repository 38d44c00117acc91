package supervise

import (
	"github.com/sockleak/sockleak/internal/socket"
	"golang.org/x/sys/unix"
)

// walk brings the owners up to date by way of the children of each process,
// from our own on: as their subreaper we are the ancestor of all. That takes
// a few files for each process of the commands, where the whole table has one
// for each process of the machine. It reports false where the kernel does not
// list children (CONFIG_PROC_CHILDREN).
func (d *descent) walk(trees []*Tree) bool {
	if !d.lists {
		return false
	}
	children, err := d.proc.Children(d.self)
	if err != nil {
		return false
	}
	w := walker{descent: d, found: map[socket.ProcessID]*Tree{}}
	for _, pid := range children {
		id, alive := w.look(pid)
		if tree := w.treeOf(id, trees); tree != nil {
			if !alive && tree.root != id {
				_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // nobody asks how an orphan ended
			}
			w.descend(id, alive, tree)
		}
	}
	// The kernel may skip some while others end: a list is no proof of an end.
	for id, tree := range d.owner {
		if now, alive := w.look(id.PID); alive && now == id && w.found[id] == nil {
			w.descend(id, true, tree)
		}
	}
	d.owner = w.found
	return true
}

type walker struct {
	*descent
	found map[socket.ProcessID]*Tree
}

// look returns the identity of the process and whether it is alive.
func (w *walker) look(pid int) (socket.ProcessID, bool) {
	stat, err := w.proc.Stat(pid)
	return socket.ProcessID{PID: pid, Start: stat.Start}, err == nil && !stat.Ended()
}

// treeOf returns the tree of one of our own children: a root, or an orphan
// that was adopted. One whose parents were never seen belongs to the command
// under test.
func (w *walker) treeOf(id socket.ProcessID, trees []*Tree) *Tree {
	for _, t := range trees {
		if t.root == id {
			return t
		}
	}
	if t := w.owner[id]; t != nil || w.foreign[id] || len(trees) == 0 {
		return t
	}
	return trees[0]
}

// descend notes the process and all that descend from it. A zombie has no
// children any more.
func (w *walker) descend(id socket.ProcessID, alive bool, tree *Tree) {
	if !alive || w.found[id] != nil {
		return
	}
	w.found[id] = tree
	children, err := w.proc.Children(id.PID)
	if err != nil {
		return // it has just ended
	}
	for _, pid := range children {
		child, alive := w.look(pid)
		w.descend(child, alive, tree)
	}
}
