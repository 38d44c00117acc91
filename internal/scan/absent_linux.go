package scan

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// absentFor is how long it is believed that a socket is in no table, where to
// look again costs what the host has: a leaked socket that was reset stays in
// none for ever, and would make every look of a fast poll search all of them.
const absentFor = time.Second

// absence is since when a socket was seen to be in no table, and when last.
type absence struct{ since, last time.Time }

// absences are the sockets that were in no table, by inode.
type absences map[uint64]absence

// note keeps the unidentified sockets of the draft, for which the tables were
// searched just now, and forgets all others.
func (a *absences) note(d *Draft) {
	before := *a
	*a = absences{}
	for _, s := range d.Unknown() {
		since := d.snap.Taken
		if was, ok := before[s.Inode]; ok {
			since = was.since
		}
		(*a)[s.Inode] = absence{since, d.snap.Taken}
	}
}

// recent reports whether the tables were searched lately for all of the
// draft's unidentified sockets.
func (a absences) recent(d *Draft) bool {
	for _, s := range d.Unknown() {
		was, ok := a[s.Inode]
		if age := d.snap.Taken.Sub(was.last); !ok || age < 0 || age >= absentFor {
			return false
		}
	}
	return true
}

// lasting reports whether the socket was absent for so long, and is known to
// be from so short a time ago, that it is not worth a search.
func (a absences) lasting(s *socket.Socket, now time.Time) bool {
	was, ok := a[s.Inode]
	age := now.Sub(was.last)
	return ok && was.last.Sub(was.since) >= absentFor && age >= 0 && age < absentFor
}
