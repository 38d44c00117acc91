package scan

import (
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// knownFor is how long the next looks of a poll take for granted which
// processes belong to the target, what runs in them and what their network
// namespaces hold: finding that out costs far more than looking at their
// sockets. Whether they are still the same is checked at every look.
const knownFor = 500 * time.Millisecond

// sampledFor is how long they take for granted what only counts: how many
// descriptors and threads the processes have, and what time they have used.
const sampledFor = 50 * time.Millisecond

// known is what an earlier look at a target found out.
type known struct {
	target     Target
	at         time.Time
	processes  []socket.Process
	namespaces []socket.Namespace
	gaps       []socket.Gap // that came up meanwhile
	complete   bool         // the namespaces are known too
	sampled    time.Time    // when the processes were last read
}

// same reports whether two targets ask for the same processes.
func (t *Target) same(u *Target) bool {
	return slices.Equal(t.PIDs, u.PIDs) && slices.Equal(t.Alive, u.Alive) && slices.Equal(t.Names, u.Names) &&
		slices.Equal(t.Ports, u.Ports) && slices.Equal(t.Containers, u.Containers) && slices.Equal(t.Units, u.Units) && t.Tree == u.Tree
}

// recall fills the draft with the processes of the look before, and reports
// whether it could: whether they are known, and none of them has ended.
func (sys *system) recall(t *Target, d *Draft) bool {
	k := &sys.known
	if t.Young {
		return false
	}
	if age := d.snap.Taken.Sub(k.at); !k.complete || age < 0 || age >= knownFor || !t.same(&k.target) {
		return false
	}
	list := slices.Clone(k.processes)
	for i := range list {
		p := &list[i]
		if p.FDs < 0 || sys.justSampled(d) {
			continue
		}
		if p.FDs, _ = sys.proc.FDTable(p.ID.PID); p.FDs < 0 {
			return false
		}
	}
	d.snap.Processes = list
	return true
}

// justSampled reports whether what counts need not be read again for the look.
func (sys *system) justSampled(d *Draft) bool {
	age := d.snap.Taken.Sub(sys.known.sampled)
	return sys.known.complete && age >= 0 && age < sampledFor
}

// sample keeps what counts of the draft's processes for the next looks.
func (sys *system) sample(d *Draft) {
	for i := range d.snap.Processes {
		d.snap.Processes[i].Sampled = d.snap.Taken
	}
	if len(sys.known.processes) == len(d.snap.Processes) {
		copy(sys.known.processes, d.snap.Processes)
		sys.known.sampled = d.snap.Taken
	}
}

// remember keeps the processes that the draft was resolved to.
func (sys *system) remember(t Target, d *Draft) {
	sys.known = known{target: t, at: d.snap.Taken, processes: slices.Clone(d.snap.Processes), gaps: slices.Clone(d.snap.Gaps)}
}

// recallNamespaces adds the namespaces of the look before, and the gaps that
// came with them and the processes. It reports false when they are not known.
func (sys *system) recallNamespaces(d *Draft) bool {
	if !sys.known.complete {
		return false
	}
	d.snap.Namespaces = slices.Clone(sys.known.namespaces)
	for _, g := range sys.known.gaps {
		d.Gap(g)
	}
	return true
}

// rememberNamespaces keeps the namespaces, and the gaps since the given one.
func (sys *system) rememberNamespaces(d *Draft, since int) {
	sys.known.namespaces = slices.Clone(d.snap.Namespaces)
	sys.known.gaps = append(sys.known.gaps, d.snap.Gaps[since:]...)
	sys.known.complete = true
}

// forget makes the next look find everything out anew.
func (sys *system) forget() { sys.known = known{} }
