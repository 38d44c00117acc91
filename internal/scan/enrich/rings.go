//go:build linux

package enrich

import (
	"context"
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/scan/source"
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

// maxRingTargets is how many processes at the most are asked by their mappings
// whether they use io_uring, which costs some 100 us each.
const maxRingTargets = 64

// askedFor is how long the answer is believed: a process that begins to use
// io_uring goes on to do so.
const askedFor = time.Second

// users returns the processes of the builder that use io_uring. Where the source has
// read all descriptors, it knows; else they are asked, of very many those that
// accept connections.
func (r *rings) users(e *Enricher, waits source.Waits, b *source.Builder) map[socket.ProcessID]*socket.Process {
	processes := b.Processes()
	var accept map[socket.ProcessID]bool
	if len(processes) > maxRingTargets {
		accept = accepting(b.Sockets())
	}
	found, asked, unasked := map[socket.ProcessID]*socket.Process{}, map[socket.ProcessID]ringUser{}, 0
	for i := range processes {
		p := &processes[i]
		w, known := waits[p.ID]
		switch {
		case known && len(w.Others) == 0:
			asked[p.ID] = ringUser{w.IOURing, b.Taken()}
		case accept != nil && !accept[p.ID]:
		case len(asked) >= maxRingTargets:
			unasked++
		default:
			asked[p.ID] = r.ask(e, p.ID, b.Taken())
		}
		if asked[p.ID].uses {
			found[p.ID] = p
		}
	}
	if r.asked = asked; unasked > 0 {
		b.Gap(socket.Gap{Where: "sockets that io_uring alone keeps for some processes", Count: unasked,
			Why: fmt.Sprintf("no more than %d are asked whether they use it", maxRingTargets), Hint: "name fewer processes"})
	}
	return found
}

// ask asks a process, unless it was asked just now.
func (r *rings) ask(e *Enricher, id socket.ProcessID, now time.Time) ringUser {
	u, before := r.asked[id]
	if age := now.Sub(u.at); before && age >= 0 && age < askedFor {
		return u
	}
	uses, err := e.fs.MapsIOURing(id.PID)
	return ringUser{err == nil && uses, now}
}

// accepting returns the holders of listeners.
func accepting(sockets []*socket.Socket) map[socket.ProcessID]bool {
	found := map[socket.ProcessID]bool{}
	for _, s := range sockets {
		if s.State == socket.Listen {
			for i := range s.Holders {
				found[s.Holders[i].Process] = true
			}
		}
	}
	return found
}

// ringSockets adds the sockets that only io_uring keeps.
func (e *Enricher) ringSockets(ctx context.Context, waits source.Waits, b *source.Builder) error {
	r := &e.rings
	users := r.users(e, waits, b)
	if len(users) == 0 {
		r.held, r.kept = nil, nil
		return nil
	}
	u := &unheld{users: users, before: r.held}
	for _, s := range b.Sockets() {
		if s.State == socket.Listen && place(s) != "" && u.holds(s) {
			u.listeners = append(u.listeners, s)
		}
	}
	if err := e.collectUnheld(ctx, u, b); err != nil {
		return err
	}
	if err := e.proveUnheld(ctx, u, r.kept, b); err != nil {
		return err
	}
	r.held, r.kept = map[socket.ID]*socket.Socket{}, map[socket.ID]socket.ProcessID{}
	for _, s := range b.Sockets() {
		if users[soleHolder(s)] != nil {
			r.held[s.ID()] = s
		}
	}
	for id, s := range u.found {
		r.held[id], r.kept[id] = s, s.KeptBy
		b.Unheld(s)
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
