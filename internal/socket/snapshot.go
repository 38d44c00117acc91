package socket

import (
	"net/netip"
	"sort"
	"time"
)

// Snapshot is one look at the targets.
type Snapshot struct {
	Taken      time.Time     // when the look began
	Duration   time.Duration // how long it took
	BootID     string        // /proc/sys/kernel/random/boot_id; "" when not known
	Host       string        // nodename
	OS         string        // such as linux
	Processes  []Process     // by pid; targets and others, see Process.Target
	Sockets    []*Socket     // each once, in a total order
	EpollSets  []EpollSet    // descriptors of the targets' epoll sets, where Socket.Epolls names sets
	Namespaces []Namespace
	Gaps       []Gap
	Sources    []SourceUse // in the order in which they were tried
	// Unread is how many of the Processes are targets whose descriptors could
	// not be read: of those nothing is known, which a Gap says too.
	Unread int
}

// Process returns the process with the given identity, or nil.
func (s *Snapshot) Process(id ProcessID) *Process {
	for i := s.firstWith(id.PID); i < len(s.Processes) && s.Processes[i].ID.PID == id.PID; i++ {
		if s.Processes[i].ID == id { // a pid can be reused within one look
			return &s.Processes[i]
		}
	}
	return nil
}

// ByPID returns the first process with the pid, or nil.
func (s *Snapshot) ByPID(pid int) *Process {
	if i := s.firstWith(pid); i < len(s.Processes) && s.Processes[i].ID.PID == pid {
		return &s.Processes[i]
	}
	return nil
}

// HasPID reports whether a process with the pid is in the snapshot.
func (s *Snapshot) HasPID(pid int) bool {
	return s.ByPID(pid) != nil
}

// firstWith returns the index of the first process with the pid, or where it
// would be. It is asked once or more for every socket: slices.BinarySearchFunc
// would copy each process that it compares.
func (s *Snapshot) firstWith(pid int) int {
	return sort.Search(len(s.Processes), func(i int) bool { return s.Processes[i].ID.PID >= pid })
}

// Namespace is what is known of one network namespace.
type Namespace struct {
	ID            uint64        // inode of /proc/PID/ns/net
	EphemeralLow  uint16        // net.ipv4.ip_local_port_range; 0 when not known
	EphemeralHigh uint16        //
	FinTimeout    time.Duration // net.ipv4.tcp_fin_timeout; 0 when not known
	TimeWait      int           // sockets in TIME_WAIT, whoever's (/proc/PID/net/sockstat); 0 when not known
	Orphans       int           // sockets that their program has closed, of all namespaces (the same)
	Ownerless     []Ownerless   // those of the targets' ports and destinations, in a total order
	Listening     []uint16      // TCP ports on which anybody listens, in rising order; nil when not known
}

// Ownerless is a number of TCP sockets that no descriptor refers to, because
// their program has closed them: TIME_WAIT, and orphans in FIN_WAIT1,
// FIN_WAIT2, CLOSING and LAST_ACK. Who closed them is in no table.
type Ownerless struct {
	State  State
	Local  netip.AddrPort // port 0 where the port is an ephemeral one
	Remote netip.AddrPort // port 0 where the local port is not ephemeral: clients differ
	Count  int
}

// SourceUse says whether a source was used, and why or why not.
type SourceUse struct {
	Name string
	Used bool
	Why  string // one line
}

// Gap is something that could not be seen. Partial data never looks complete.
type Gap struct {
	Where string // what could not be seen, such as "descriptors of pid 42"
	Why   string // the reason, such as "permission denied"
	Hint  string // what to do about it; "" when nothing helps
	Count int    // how many things of this kind, at least 1
	// Blinds is true when the gap hides sockets of a target, so that
	// finding nothing would prove nothing.
	Blinds bool
}

// Blind reports whether something hides sockets of a target.
func (s *Snapshot) Blind() bool {
	for i := range s.Gaps {
		if s.Gaps[i].Blinds {
			return true
		}
	}
	return false
}
