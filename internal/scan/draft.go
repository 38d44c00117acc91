package scan

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sockleak/sockleak/internal/socket"
)

// Draft is a snapshot in the making. Sources add to it; it keeps each socket
// once, joined by inode, because all sockets of a machine live in one sockfs
// and so share one number space.
type Draft struct {
	snap    *socket.Snapshot
	byInode map[uint64]*socket.Socket // nil until index is asked for it
	blocks  blocks
	waiting []*socket.Socket
	queued  []socket.Socket // may wait in the accept queue of one of the targets
	every   bool            // the target is every process that may be read
	partial bool            // a table was not read to its end: absence from it proves nothing
	over    int             // descriptors that have no Holder of their own
	unread  *socket.Gap     // of every process, those that could not be read
}

// newDraft returns a draft for about the given number of sockets; 0 means
// that it is not known.
func newDraft(snap *socket.Snapshot, expected int) *Draft {
	d := &Draft{snap: snap}
	if expected > 0 {
		snap.Sockets = make([]*socket.Socket, 0, expected+expected/8+1) // a few more than the last time
	}
	return d
}

// index returns the sockets by inode.
func (d *Draft) index() map[uint64]*socket.Socket {
	if d.byInode == nil {
		d.byInode = make(map[uint64]*socket.Socket, max(len(d.snap.Sockets), cap(d.snap.Sockets)))
		for _, s := range d.snap.Sockets {
			if s.Inode != 0 {
				d.byInode[s.Inode] = s
			}
		}
	}
	return d.byInode
}

// restart forgets the sockets that a source added before it failed.
func (d *Draft) restart() {
	d.byInode, d.snap.Sockets = nil, nil
	d.queued, d.partial, d.over, d.unread = nil, false, 0, nil
	for i := range d.snap.Processes {
		d.snap.Processes[i].SocketFDs = -1
	}
}

// Processes returns the processes to look at, by pid.
func (d *Draft) Processes() []socket.Process { return d.snap.Processes }

// Hold notes that a descriptor refers to the socket with the inode, and
// returns that socket.
func (d *Draft) Hold(inode uint64, h socket.Holder) *socket.Socket {
	s := d.index()[inode]
	if s == nil {
		s = d.add()
		s.Inode = inode
		d.byInode[inode] = s
	}
	if s.Holders == nil {
		s.Holders = d.blocks.oneHolder()
	}
	if !s.AddHolder(h) {
		d.over++
	}
	return s
}

// add returns a new, empty socket of the snapshot.
func (d *Draft) add() *socket.Socket {
	s := d.blocks.socket()
	d.snap.Sockets = append(d.snap.Sockets, s)
	return s
}

// Fill merges what a table says of a socket into the draft. It returns false
// when nobody of interest holds the socket. The facts are copied.
//
// An MPTCP socket and its subflow share the inode. What the MPTCP socket says
// of its state goes before what the subflow says: after the peer's close the
// subflow stays ESTABLISHED. The subflow alone has the TCP timestamps.
func (d *Draft) Fill(facts *socket.Socket) bool {
	if facts.Inode == 0 {
		return false
	}
	s := d.index()[facts.Inode]
	if s == nil {
		return false
	}
	switch {
	case s.Presence == socket.PresenceUnknown, facts.Protocol == socket.MPTCP && s.Protocol != socket.MPTCP:
		info, had := s.TCP, s.Facts&(socket.HasTCPInfo|socket.HasDataSegs)
		inode, holders := s.Inode, s.Holders
		*s = *facts
		s.Inode, s.Holders = inode, holders
		if facts.UnixInfo != nil { // the source uses it again for its next socket
			info := *facts.UnixInfo
			s.UnixInfo = &info
		}
		if s.Facts&socket.HasTCPInfo == 0 && had != 0 {
			s.TCP, s.Facts = info, s.Facts|had
		}
	case s.Protocol == socket.MPTCP && s.Facts&socket.HasTCPInfo == 0:
		s.TCP, s.Facts = facts.TCP, s.Facts|facts.Facts&(socket.HasTCPInfo|socket.HasDataSegs)
	}
	return true
}

// Unheld adds a socket without an inode to join it by: one that no descriptor
// refers to, such as one in an accept queue or in TIME_WAIT, or one whose
// holders the source itself names. The facts are copied.
func (d *Draft) Unheld(facts *socket.Socket, holders ...socket.Holder) {
	s := d.add()
	*s = *facts
	s.Holders = holders
}

// Unknown returns the held sockets that no source has described yet.
func (d *Draft) Unknown() []*socket.Socket {
	list := d.waiting[:0]
	for _, s := range d.snap.Sockets {
		if s.Presence == socket.PresenceUnknown && s.Inode != 0 {
			list = append(list, s)
		}
	}
	d.waiting = list
	return list
}

// Gap notes something that could not be seen. Gaps that differ only in their
// count are added up.
func (d *Draft) Gap(g socket.Gap) {
	g.Count = max(g.Count, 1)
	for i := range d.snap.Gaps {
		have := &d.snap.Gaps[i]
		if have.Where == g.Where && have.Why == g.Why && have.Hint == g.Hint && have.Blinds == g.Blinds {
			have.Count += g.Count
			return
		}
	}
	d.snap.Gaps = append(d.snap.Gaps, g)
}

// unreadable notes that something of a process could not be read. It blinds
// when the user asked for that process, and not when the target is whatever
// may be read. A process that is gone is no gap.
func (d *Draft) unreadable(p *socket.Process, what string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	g := socket.Gap{Where: what + " of pid " + itoa(p.ID.PID), Why: reason(err), Blinds: p.Target}
	if errors.Is(err, fs.ErrPermission) {
		g.Hint = "run as its user or as root, or give sockleak CAP_SYS_PTRACE; sockleak doctor says how"
	}
	switch {
	case d.every && d.unread == nil:
		d.unread = &g
		return
	case d.every:
		return
	case !p.Target:
		g.Where = what + " of child processes that run other programs"
	}
	d.Gap(g)
}

// sum notes how many processes and descriptors are only counted: that of
// which nothing is known is never clean.
func (d *Draft) sum() {
	for i := range d.snap.Processes {
		if p := &d.snap.Processes[i]; p.Target && p.SocketFDs < 0 {
			d.snap.Unread++
		}
	}
	if all := len(d.snap.Processes); d.unread != nil && d.snap.Unread > 0 {
		g := *d.unread
		g.Where = fmt.Sprintf("%d of %d processes", d.snap.Unread, all)
		g.Why = fmt.Sprintf("%s: %d of %d processes could be read", g.Why, all-d.snap.Unread, all)
		g.Count, g.Blinds = 1, true
		d.Gap(g)
	}
	if d.over > 0 {
		d.Gap(socket.Gap{Where: "which descriptors refer to sockets that have more than " + itoa(socket.MaxHolders), Count: d.over,
			Why: "the others are only counted"})
	}
}

// reason turns an error into the one-line reason of a gap.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "it is gone"
	}
	return err.Error()
}
