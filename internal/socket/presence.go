package socket

// Presence says in which of the kernel's tables a socket was found, and for
// a socket in none of them, why.
type Presence uint8

// The places where a socket can be.
const (
	// PresenceUnknown: the descriptor is a socket, and no source could say
	// what it is. Every such socket is counted as not identified.
	PresenceUnknown Presence = iota
	// InTable: a kernel table or the BPF iterator described it.
	InTable
	// Unattached: it is in no table, and never bound, connected or listening
	// (or it was, and the kernel has undone that).
	Unattached
	// Bound: bound to an address, neither connected nor listening.
	Bound
	// Reset: the connection ended by RST or time-out; the descriptor is still open.
	Reset
	// ConnectFailed: connect() failed; the descriptor is still open.
	ConnectFailed
	// OtherNetNS: it lives in a network namespace that could not be read.
	OtherNetNS
	// NotDumpable: its family has no table that can be read.
	NotDumpable
	// NotInTable: a TCP socket that is in no table: never connected, failed
	// to connect, or closed by a reset. The sources in use cannot tell which.
	NotInTable
	// Finished: both sides closed the connection in good order (with
	// shutdown, on ours); the descriptor is still open.
	Finished
)

// String says in a few words what the presence means.
func (p Presence) String() string {
	switch p {
	case InTable:
		return "in table"
	case Unattached:
		return "never bound or connected"
	case Bound:
		return "bound, not connected or listening"
	case Reset:
		return "closed by a reset or time-out, descriptor still open"
	case Finished:
		return "closed by both sides, descriptor still open"
	case ConnectFailed:
		return "connect failed, descriptor still open"
	case OtherNetNS:
		return "in another network namespace"
	case NotDumpable:
		return "family without a readable table"
	case NotInTable:
		return "in no table: never connected, connect failed, or reset"
	}
	return "not identified"
}

// Identified reports whether it is known what the socket is.
func (p Presence) Identified() bool {
	switch p {
	case InTable, Unattached, Bound, Reset, ConnectFailed, Finished:
		return true
	}
	return false
}
