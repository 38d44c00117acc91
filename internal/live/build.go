package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// sockets fills in sockets, findings and processes of a report.
func (s *Sample) sockets(rep *report.Report) {
	snap, h := rep.Snapshot, rep.History
	index := make(map[*socket.Socket]int, len(snap.Sockets))
	s.Sockets = make([]Socket, len(snap.Sockets))
	for i, sock := range snap.Sockets {
		index[sock] = i
		s.Sockets[i] = Socket{Socket: sock, Owner: ownerOf(snap, sock), Age: h.Age(sock), Idle: h.Idle(sock)}
	}
	for i := range rep.Findings {
		f := Finding{Finding: &rep.Findings[i], Headline: report.Headline(rep, &rep.Findings[i]), place: placeOf(&rep.Findings[i])}
		for _, sock := range f.Sockets {
			n, there := index[sock]
			if !there {
				continue
			}
			f.sockets = append(f.sockets, n)
			if k := &s.Sockets[n]; f.Level > k.Level {
				k.Level, k.at = f.Level, i
			}
		}
		s.Findings = append(s.Findings, f)
	}
	s.targets(rep)
}

// targets fills in the processes.
func (s *Sample) targets(rep *report.Report) {
	counts := s.levels()
	for i := range rep.Accounts {
		p := rep.Snapshot.Process(rep.Accounts[i].Process)
		if p == nil {
			continue
		}
		load, ok := rep.History.Process(p.ID).Load()
		if !ok {
			load = -1
		}
		c := counts[p.ID]
		row := Process{Process: p, Sockets: rep.Accounts[i].Sockets, Leaked: c[len(c)-1], Suspected: c[len(c)-2], Load: load}
		for j := range rep.Findings {
			if f := &rep.Findings[j]; f.Process == p.ID || slices.Contains(f.Processes, p.ID) {
				row.Level = max(row.Level, f.Level)
			}
		}
		s.Processes = append(s.Processes, row)
	}
	s.ownerless()
}

// ownerless adds a row for the findings that are about no process, such as ports
// that run out.
func (s *Sample) ownerless() {
	row := Process{Process: &socket.Process{Name: "no process", FDs: -1}, Load: -1}
	for i := range s.Findings {
		f := &s.Findings[i]
		if f.Process.PID != 0 {
			continue
		}
		row.Level = max(row.Level, f.Level)
		row.Sockets += len(f.Sockets)
	}
	if row.Level > 0 {
		s.Processes = append(s.Processes, row)
	}
}

// ownerOf returns the process that a socket is shown under.
func ownerOf(snap *socket.Snapshot, sock *socket.Socket) *socket.Process {
	if sock.KeptBy.PID != 0 {
		return snap.Process(sock.KeptBy)
	}
	var first *socket.Process
	for i := range sock.Holders {
		p := snap.Process(sock.Holders[i].Process)
		if p != nil && p.Target {
			return p
		}
		if first == nil {
			first = p
		}
	}
	return first
}

// processName names a process with its pid, where it is one.
func processName(p *socket.Process) string {
	if p.ID.PID == 0 {
		return words.Clean(p.Name)
	}
	return fmt.Sprintf("%s (pid %d)", words.Clean(p.Name), p.ID.PID)
}

func sortedProcesses[V any](m map[socket.ProcessID]V) []socket.ProcessID {
	return slices.SortedFunc(maps.Keys(m), func(a, b socket.ProcessID) int {
		return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Start, b.Start))
	})
}
