package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Memory is what is kept of a History from one run to the next. It is made
// to be stored as JSON, and bounded: see MaxSockets and the other limits.
// Times are milliseconds since 1970 by the clock of the run that saw them.
type Memory struct {
	Version   int             `json:"version"`
	BootID    string          `json:"boot_id"` // it means nothing after a reboot
	Looks     []MemoryLook    `json:"looks"`   // oldest first
	Processes []MemoryProcess `json:"processes"`
	Sockets   []MemorySocket  `json:"sockets"`
	Closings  []MemoryClosing `json:"closings,omitempty"`
	Forgotten int             `json:"forgotten,omitempty"` // sockets beyond MaxSockets
}

// MemoryVersion is the version of Memory. Another one is not read.
const MemoryVersion = 2

// The limits of a Memory: about 10 MB as JSON at the very most.
const (
	MaxSockets    = 50_000 // the longest in their state first
	maxProcesses  = 1000   // those with the most descriptors first
	maxClosing    = 500    // the most closed first
	maxRemembered = 128    // points of a series, and looks: ten hours of runs every 5 minutes
)

// MemoryLook is a Look.
type MemoryLook struct {
	AtMS    int64 `json:"at_ms"`
	Sockets int   `json:"sockets"`
	New     int   `json:"new,omitempty"`
	Gone    int   `json:"gone,omitempty"`
	Blind   bool  `json:"blind,omitempty"`
}

// MemoryProcess is a ProcessTrack with the process's identity. StartedMS
// tells when the clock was set: the start of a process does not move.
type MemoryProcess struct {
	PID       int           `json:"pid"`
	Start     uint64        `json:"start_ticks"`
	StartedMS int64         `json:"started_ms,omitempty"`
	FirstMS   int64         `json:"first_ms"`
	CPUMS     int64         `json:"cpu_ms,omitempty"`
	Threads   int           `json:"threads_first,omitempty"`
	FDs       []MemoryPoint `json:"fds,omitempty"`
}

// MemoryPoint is a Point: the time in milliseconds, and the count.
type MemoryPoint [2]int64

// MemorySocket is a Track with the socket's identity and one of its holders.
type MemorySocket struct {
	NetNS    uint64       `json:"netns,omitempty"`
	Cookie   uint64       `json:"cookie,omitempty"`
	Inode    uint64       `json:"inode,omitempty"`
	PID      int          `json:"pid,omitempty"`
	Start    uint64       `json:"start_ticks,omitempty"`
	State    socket.State `json:"state"`
	FirstMS  int64        `json:"first_ms"`
	SinceMS  int64        `json:"since_ms"`
	MovedMS  int64        `json:"moved_ms,omitempty"`
	Looks    int          `json:"looks"`
	Received uint64       `json:"received_bytes,omitempty"`
	Acked    uint64       `json:"acked_bytes,omitempty"`
	RecvQ    uint32       `json:"recvq_bytes,omitempty"`
	SendQ    uint32       `json:"sendq_bytes,omitempty"`
	RecvQMin uint32       `json:"recvq_min_bytes,omitempty"`
	Uses     int          `json:"uses,omitempty"`
	Moving   bool         `json:"moving,omitempty"`
	IdleMS   int64        `json:"idle_ms,omitempty"`
	AgeMS    int64        `json:"age_ms,omitempty"`
	MemoryKind
}

// MemoryKind is a Population without its program, which the process tells.
type MemoryKind struct {
	Family   socket.Family   `json:"family,omitempty"`
	Type     socket.Type     `json:"type,omitempty"`
	Protocol socket.Protocol `json:"protocol,omitempty"`
	Role     Role            `json:"role,omitempty"`
}

// MemoryClosing is Closings of a Population in a state.
type MemoryClosing struct {
	Program string       `json:"program"`
	Cgroup  string       `json:"cgroup,omitempty"`
	NetNS   uint64       `json:"netns,omitempty"`
	State   socket.State `json:"state"`
	Count   int          `json:"count"`
	IdleMS  int64        `json:"longest_idle_ms,omitempty"`
	InMS    int64        `json:"longest_in_ms,omitempty"`
	MemoryKind
}

// Stamp returns t as a Memory holds it: 0 for the zero time. It rounds up, so
// that an age stays a lower bound.
func Stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Add(time.Millisecond - 1).UnixMilli()
}
