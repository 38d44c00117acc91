package scan

import (
	"context"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// rings follows the processes of the target that use io_uring(7). A socket with a
// request pending there stays when the program closes it: it is in the tables, has
// an inode, and no descriptor refers to it. So are the kernel's own sockets, those
// of network file systems and tunnels. Only one that came in through a listener of
// the process, or that the process alone was seen to hold, is known to be its.
type rings struct {
	asked map[socket.ProcessID]ringUser
	held  map[socket.ID]*socket.Socket // by one of the users alone, in the look before
	kept  map[socket.ID]socket.ProcessID
}

type ringUser struct {
	uses bool
	at   time.Time // when it was asked
}

// maxRingTargets is up to how many processes are asked by their mappings whether
// they use io_uring, which costs some 100 us each.
const maxRingTargets = 64

// users returns the processes of the draft that use io_uring. Where the source has
// read all descriptors, it knows.
func (r *rings) users(sys *system, d *Draft) map[socket.ProcessID]*socket.Process {
	found, asked := map[socket.ProcessID]*socket.Process{}, map[socket.ProcessID]ringUser{}
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		w, known := sys.waiting[p.ID]
		if !known && len(d.snap.Processes) > maxRingTargets {
			continue
		}
		u := r.asked[p.ID]
		if age := d.snap.Taken.Sub(u.at); known {
			u = ringUser{w.ioURing, d.snap.Taken}
		} else if age < 0 || age >= listeningFor {
			uses, err := sys.proc.MapsIOURing(p.ID.PID)
			u = ringUser{err == nil && uses, d.snap.Taken}
		}
		if asked[p.ID] = u; u.uses {
			found[p.ID] = p
		}
	}
	r.asked = asked
	return found
}

// ringSockets adds the sockets that only io_uring keeps.
func (sys *system) ringSockets(ctx context.Context, d *Draft) error {
	r := &sys.rings
	users := r.users(sys, d)
	if len(users) == 0 {
		r.held, r.kept = nil, nil
		return nil
	}
	u := &unheld{users: users, before: r.held}
	for _, s := range d.snap.Sockets {
		if s.State == socket.Listen && place(s) != "" && u.holds(s) {
			u.listeners = append(u.listeners, s)
		}
	}
	if err := sys.collectUnheld(ctx, u, d); err != nil {
		return err
	}
	if err := sys.proveUnheld(ctx, u, r.kept, d); err != nil {
		return err
	}
	r.held, r.kept = map[socket.ID]*socket.Socket{}, map[socket.ID]socket.ProcessID{}
	for _, s := range d.snap.Sockets {
		if users[soleHolder(s)] != nil {
			r.held[s.ID()] = s
		}
	}
	for id, s := range u.found {
		r.held[id], r.kept[id] = s, s.KeptBy
		d.Unheld(s)
	}
	return nil
}

// soleHolder returns the only process that holds the socket, or has it kept, or
// the zero value.
func soleHolder(s *socket.Socket) socket.ProcessID {
	by := s.KeptBy
	for i := range s.Holders {
		if by = s.Holders[i].Process; by != s.Holders[0].Process {
			return socket.ProcessID{}
		}
	}
	return by
}
