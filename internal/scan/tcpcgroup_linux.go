package scan

import "time"

// maxCgroups is how many processes are asked for their cgroup, which takes
// some system calls each. Many are seldom in the same.
const maxCgroups = 64

// mixedFor is how long it is believed that the dump of the cgroup is not
// enough, so that not every look of a poll tries it in vain.
const mixedFor = 10 * time.Second

// cgroup returns the id of the cgroup in which all processes of the namespace
// live; 0 when there is none, or when it would not do.
func (l *tcpLook) cgroup() (id uint64) {
	mixed := l.d.snap.Taken.Sub(l.known.mixedCgroups)
	if !l.named || mixed >= 0 && mixed < mixedFor || len(l.d.snap.Processes) > maxCgroups {
		return 0
	}
	for i := range l.d.snap.Processes {
		p := &l.d.snap.Processes[i]
		if p.NetNS != l.ns.id {
			continue
		}
		one, err := l.proc.CgroupID(p.ID.PID)
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
func (l *tcpLook) cgroupHasAll(before int) bool {
	for _, s := range l.d.Unknown() {
		if mayBeTCP(s.ProtoName) && l.known.table[s.Inode] == "" && !l.known.absent.lasting(s, l.d.snap.Taken) {
			return false
		}
	}
	waiting := map[uint16]int{}
	for i := range l.d.queued[before:] {
		waiting[l.d.queued[before+i].Local.Port()]++
	}
	for _, s := range l.listeners() {
		if waiting[s.Local.Port()] < int(s.RecvQ) {
			return false
		}
	}
	return true
}
