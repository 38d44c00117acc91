//go:build linux

package sockdiag

import "github.com/sockleak/sockleak/internal/scan/source/tables"

// maxCgroups is how many processes are asked for their cgroup, which takes
// some system calls each. Many are seldom in the same.
const maxCgroups = 64

// cgroup returns the id of the cgroup in which all processes of the namespace
// live; 0 when there is none, or when it would not do.
func (l *look) cgroup() (id uint64) {
	processes := l.b.Processes()
	if !l.named || l.known.mixed || len(processes) > maxCgroups {
		return 0
	}
	for i := range processes {
		p := &processes[i]
		if p.NetNS != l.ns.ID {
			continue
		}
		one, err := l.fs.CgroupID(p.ID.PID)
		if err != nil || id != 0 && one != id {
			return 0
		}
		id = one
	}
	return id
}

// cgroupHasAll reports whether the dump of the cgroup was enough. The kernel
// keeps with each socket the cgroup of the process that made it, and with one
// that comes out of an accept queue that of its listener. A socket that was
// inherited or passed on, as systemd does with listeners, is thus in another
// one than the process that holds it. So every socket that can be in the table
// must have come, and as many from the accept queues as the listeners say.
func (l *look) cgroupHasAll(before int) bool {
	for _, s := range l.b.Unknown() {
		if tables.MayBeTCP(s.ProtoName) && l.known.table[s.Inode] == "" {
			return false
		}
	}
	waiting := map[uint16]int{}
	for _, s := range l.b.Queued()[before:] {
		waiting[s.Local.Port()]++
	}
	for _, s := range l.listeners() {
		if waiting[s.Local.Port()] < int(s.RecvQ) {
			return false
		}
	}
	return true
}
