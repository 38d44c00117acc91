package track

import (
	"cmp"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func kindOf(p Population) MemoryKind { return MemoryKind{p.Family, p.Type, p.Protocol, p.Role} }

// memoryClosings returns what was closed by the programs that still run, the
// most first.
func (h *History) memoryClosings() []MemoryClosing {
	h.forgetClosings()
	var list []MemoryClosing
	for key, c := range h.closings {
		p := key.population
		list = append(list, MemoryClosing{Program: p.Program.Name, Cgroup: p.Program.Cgroup, NetNS: p.Program.NetNS, State: key.state, Count: c.Count,
			IdleMS: c.LongestIdle.Milliseconds(), InMS: c.LongestIn.Milliseconds(), MemoryKind: kindOf(p)})
	}
	slices.SortFunc(list, func(a, b MemoryClosing) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Cgroup, b.Cgroup), cmp.Compare(a.NetNS, b.NetNS),
			cmp.Compare(a.State, b.State), cmp.Compare(a.Family, b.Family), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Role, b.Role))
	})
	return list[:min(len(list), maxClosing)]
}

// forgetClosings drops what was closed by programs that run no more.
func (h *History) forgetClosings() {
	running := map[Program]bool{}
	for i := range h.now.Processes {
		running[ProgramOf(&h.now.Processes[i])] = true
	}
	for key := range h.closings {
		if !running[key.population.Program] {
			delete(h.closings, key)
		}
	}
}

func (r *recaller) closingsOf(list []MemoryClosing) {
	for i := range list[:min(len(list), maxClosing)] {
		m := &list[i]
		if m.Count <= 0 {
			continue
		}
		p := Population{Program{m.Program, m.Cgroup, m.NetNS}, m.Family, m.Type, m.Protocol, m.Role}
		r.closings[closingKey{p, m.State}] = Closings{m.Count, duration(m.IdleMS), duration(m.InMS)}
	}
}

// closedSince takes in a socket that was there at the end of the run before,
// and is gone although its process runs.
func (r *recaller) closedSince(m *MemorySocket, holder socket.ProcessID) {
	p := r.now.Process(holder)
	if p == nil {
		return
	}
	of := PopulationOf(&socket.Socket{}, p, &socket.Listeners{})
	of.Family, of.Type, of.Protocol, of.Role = m.Family, m.Type, m.Protocol, m.Role
	r.close(of, m.State, duration(m.IdleMS), duration(m.AgeMS))
}

// duration is a remembered one; one that is negative was edited.
func duration(ms int64) time.Duration {
	const most = int64(1<<62) / int64(time.Millisecond)
	return time.Duration(min(max(ms, 0), most)) * time.Millisecond
}
