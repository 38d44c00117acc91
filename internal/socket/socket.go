package socket

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"time"
)

// Facts says which groups of a Socket's fields were really seen. A zero
// field whose group is missing means "not known", never "zero".
type Facts uint16

// The groups of facts.
const (
	HasState    Facts = 1 << iota // State
	HasAddrs                      // Local, Remote
	HasQueues                     // RecvQ, SendQ
	HasTimer                      // Timer
	HasTCPInfo                    // TCP
	HasShared                     // Shared
	HasWatched                    // Watched
	HasErr                        // Err
	HasEpolls                     // Epolls holds every registration
	HasDataSegs                   // TCP.DataSegsIn, TCP.DataSegsOut; of MPTCP those of the first subflow
	HasHolders                    // Holders is complete: see Questions.Holders
	HasTimeouts                   // ReadTimeout, WriteTimeout
)

// Socket is one socket of the kernel, as seen once.
type Socket struct {
	// With 200,000 sockets the way to the memory of each costs more than most
	// questions about it: what nearly all of them ask for comes first, in one line
	// of the processor's cache, then what judging connections needs.

	NetNS    uint64   // inode of its network namespace (/proc/PID/ns/net); 0 when not known
	Family   Family   // AF_*; Unspec when not known
	Type     Type     // SOCK_*; 0 when not known
	Protocol Protocol // of IPv4 and IPv6 sockets
	State    State    // StateUnknown without HasState
	Presence Presence // where it was found, and if nowhere, why
	Facts    Facts    // which of the groups of fields below were seen

	// Shared is true when more than one descriptor or process refers to the
	// same open file (the file's reference count was above one when seen).
	Shared bool
	// Watched is true when at least one epoll set holds the descriptor or a
	// thread sleeps on the socket. Watch, where present, tells which.
	Watched bool
	// Polled is true when a thread that runs was seen to be in poll(2) or select(2)
	// on it: the socket had a waiter in the kernel that is no epoll set, and no
	// thread slept on it.
	Polled bool
	// ReadTimeout and WriteTimeout are true when SO_RCVTIMEO or SO_SNDTIMEO of
	// socket(7) is set: then a call that sleeps on it ends by itself. Only the bpf
	// source sees them.
	ReadTimeout, WriteTimeout bool

	// RecvQ and SendQ are in bytes. Of a listener, TCP or UNIX, they are the
	// number of connections waiting in the accept queue, and its limit (backlog).
	// In CLOSE_WAIT the kernel counts the peer's FIN as one byte of RecvQ.
	RecvQ, SendQ uint32

	// Listener is the inode of the listener whose accept queue holds it, else 0.
	// Of a UNIX connection there, which is in no table by itself, nothing is known
	// but the client: the inode of that is UnixInfo.PeerInode.
	Listener uint64
	Holders  []Holder // every descriptor seen that refers to it

	Local  netip.AddrPort // IPv4-mapped addresses are given as IPv4
	Remote netip.AddrPort // the zero value when not connected

	TCP   TCPInfo // of TCP and MPTCP sockets, with HasTCPInfo
	Timer Timer

	Cookie uint64 // SO_COOKIE; 0 when not known
	Inode  uint64 // inode in sockfs, the number in socket:[N]; 0 when no file refers to it
	Watch  *Watch // who waits for it; nil when nobody looked
	Peer   *Peer  // the other end; nil when it is not known: on another machine, in another namespace, or not looked for
	// KeptBy is the process whose io_uring(7) alone keeps the socket: it is in a
	// table, has an inode, and no descriptor refers to it any more, for a request
	// was pending when the program closed it. The zero value is for all others.
	KeptBy ProcessID

	// Refs is, with HasShared, how many references there are to its open file: one
	// for each descriptor, whichever process has it, one for each copy in flight
	// (SCM_RIGHTS of unix(7)) or with io_uring(7), and one for each thread that is in
	// a system call on it. Only the bpf source sees it; 0 where another one answered.
	Refs uint32
	// Err is the error that is pending on the socket (sk_err), as an errno of
	// Linux: 104, ECONNRESET, after a reset that the program has not seen. 0
	// with HasErr: there was none, or a system call has returned it already.
	// Only the bpf source sees it: SO_ERROR would consume it.
	Err    uint32
	Device uint32 // index of the interface that it is bound to, 0 for none
	UID    uint32 // effective uid of the process that created it

	// Epolls are the registrations of its open files in epoll sets, whoever
	// holds these. Without HasEpolls there may be others.
	Epolls []EpollItem

	// ProtoName is the kernel's own name of the protocol, such as TCPv6 or
	// UNIX-STREAM (struct proto.name, read as xattr system.sockprotoname).
	// It is set for sockets that no other source could describe.
	ProtoName string

	UnixInfo *UnixInfo // of UNIX sockets
	Object   *Object   // what the language of a holder thinks of it; nil when not known
	Origin   *Origin   // who opened it, and where; nil when nobody traced it
	Life     *Life     // what a tracer saw of it; nil when nobody traced it
}

// ID returns the identity of the socket.
func (s *Socket) ID() ID {
	switch {
	case s.Listener != 0 && s.Family == Unix: // only the client has an inode: it is marked, to tell the two apart
		return ID{NetNS: s.NetNS, Inode: s.UnixInfo.peer() | 1<<62}
	case s.Listener != 0: // its cookie may be given out between two looks
		return ID{NetNS: s.NetNS, Inode: hashPair(s.Local, s.Remote)}
	case s.Cookie != 0 && s.Protocol == MPTCP:
		// It is copied from the listener to what it accepts, as soon as
		// somebody has asked the listener for it (mptcp_sk_clone_init in
		// net/mptcp/protocol.c copies all of struct sock).
		return ID{NetNS: s.NetNS, Cookie: s.Cookie, Inode: s.Inode}
	case s.Cookie != 0:
		return ID{NetNS: s.NetNS, Cookie: s.Cookie}
	case s.Inode != 0:
		return ID{NetNS: s.NetNS, Inode: s.Inode}
	case !s.Local.IsValid() && !s.Remote.IsValid() && len(s.Holders) > 0:
		return ID{NetNS: s.NetNS, Inode: hashHolder(&s.Holders[0])}
	}
	return ID{NetNS: s.NetNS, Inode: hashPair(s.Local, s.Remote)}
}

// hashHolder stands for an inode where a source has neither inodes nor
// addresses, as gopsutil of UNIX sockets: what is behind the descriptor may be
// another socket by the next look.
func hashHolder(h *Holder) uint64 {
	f := fnv.New64a()
	for _, n := range []uint64{uint64(h.Process.PID), h.Process.Start, uint64(h.FD)} {
		_ = binary.Write(f, binary.LittleEndian, n) // never fails
	}
	return f.Sum64() | 1<<63
}

// hashPair stands for an inode where there is none, as in an accept queue
// whose sockets have no cookie yet. Inodes of sockfs have 32 bits: the top bit
// keeps the two apart.
func hashPair(local, remote netip.AddrPort) uint64 {
	h := fnv.New64a()
	a, _ := local.MarshalBinary() // never fails
	b, _ := remote.MarshalBinary()
	h.Write(a)
	h.Write(b)
	return h.Sum64() | 1<<63
}

// Has reports whether all the given groups of facts were seen.
func (s *Socket) Has(f Facts) bool { return s.Facts&f == f }

// IsTCP reports whether it is a TCP or MPTCP socket over IPv4 or IPv6.
func (s *Socket) IsTCP() bool {
	return s.Family.IP() && (s.Protocol == TCP || s.Protocol == MPTCP)
}

// IsUDP reports whether it is a UDP or UDP-Lite socket over IPv4 or IPv6.
func (s *Socket) IsUDP() bool {
	return s.Family.IP() && (s.Protocol == UDP || s.Protocol == UDPLite)
}

// HeldBy reports whether the process holds a descriptor of the socket.
func (s *Socket) HeldBy(p ProcessID) bool {
	for i := range s.Holders {
		if s.Holders[i].Process == p {
			return true
		}
	}
	return false
}

// Proto returns the protocol as one word for people: tcp, udp, unix, netlink.
// Where only the kernel's own name is known, it returns that.
func (s *Socket) Proto() string {
	switch {
	case s.Family == Unspec && s.ProtoName != "":
		return s.ProtoName
	case s.Family.IP() && s.Type == Raw:
		return "raw"
	case s.Family.IP() && s.Protocol != 0:
		return s.Protocol.String()
	}
	return s.Family.String()
}

// TCPInfo is the part of struct tcp_info (include/uapi/linux/tcp.h) that
// judging needs. The three ages are garbage on never-connected sockets; the
// kernel gives them in milliseconds with the resolution of its tick.
type TCPInfo struct {
	LastDataSent  time.Duration // since data was last sent
	LastDataRecv  time.Duration // since data was last received
	LastAckRecv   time.Duration // since an ACK was last received
	BytesAcked    uint64        // RFC 4898 tcpEStatsAppHCThruOctetsAcked
	BytesReceived uint64        // RFC 4898 tcpEStatsAppHCThruOctetsReceived
	BytesSent     uint64        // data bytes sent, retransmissions included
	DataSegsIn    uint32        // with HasDataSegs: segments received that carried data
	DataSegsOut   uint32        // with HasDataSegs: segments sent that carried data, retransmissions included
	Retransmits   uint8         // unanswered retransmissions of the oldest segment
	Probes        uint8         // unanswered zero-window or keepalive probes
	// Attempted is true when a connection was ever attempted on the socket.
	// Only the bpf source sees it, and only there false means anything.
	Attempted bool
}

// TimerKind is a pending kernel timer of a socket, numbered as idiag_timer
// (net/ipv4/inet_diag.c).
type TimerKind uint8

// The timers of idiag_timer.
const (
	NoTimer       TimerKind = 0
	Retransmit    TimerKind = 1
	Keepalive     TimerKind = 2
	TimeWaitTimer TimerKind = 3
	Persist       TimerKind = 4 // zero-window probe: the peer's window is full
)

// String returns the timer's name as ss(8) -o prints it.
func (k TimerKind) String() string {
	switch k {
	case NoTimer:
		return "off"
	case Retransmit:
		return "on"
	case Keepalive:
		return "keepalive"
	case TimeWaitTimer:
		return "timewait"
	case Persist:
		return "persist"
	}
	return "unknown"
}

// Timer is a pending timer.
type Timer struct {
	Kind    TimerKind
	Retries uint8         // retransmissions or probes so far
	Expires time.Duration // until it fires; may be slightly negative
}

// UnixInfo is what unix_diag(7) adds for a UNIX socket.
type UnixInfo struct {
	Path      string // bound path, "@name" when abstract, "" when unnamed; raw bytes, untrusted
	PeerInode uint64 // inode of the connected peer; 0 when there is none (or it is gone)
	PeerGone  bool   // it was connected, and the peer has closed
}

// peer returns the inode of the peer, 0 without one.
func (u *UnixInfo) peer() uint64 {
	if u == nil {
		return 0
	}
	return u.PeerInode
}
