//go:build linux

package bpf

import (
	"slices"
	"unsafe"

	"github.com/sockleak/sockleak/internal/socket"
)

// object is a kernel struct that the program reads from.
type object uint8

const (
	taskStruct object = iota
	fileStruct
	inodeStruct
	sockStruct
	netStruct
	udpSock
	tcpSock
	mptcpSock
	unixSock
	skBuff
	// The following are structs of above too. What a socket has no use for is
	// not read: a line of memory that nobody has touched for long is a wait.
	peerSock        // the other end of a UNIX socket
	restSock        // of a sock that is no connection of TCP
	closedTCP       // of a closed tcp_sock
	retransmitTimer // of a tcp_sock, where that timer runs
	keepaliveTimer  // of a tcp_sock with SO_KEEPALIVE
	objects         // how many there are
)

// String returns the kernel's name of the struct.
func (o object) String() string {
	return [objects]string{
		"task_struct", "file", "inode", "sock", "net", "udp_sock", "tcp_sock",
		"mptcp_sock", "unix_sock", "sk_buff",
		"sock", "sock", "tcp_sock", "tcp_sock", "tcp_sock",
	}[o]
}

// whole returns the object that this one is a part of.
func (o object) whole() object {
	switch o {
	case peerSock:
		return unixSock
	case restSock:
		return sockStruct
	case closedTCP, retransmitTimer, keepaliveTimer:
		return tcpSock
	}
	return o
}

// field says where a field of a record comes from. The program loads what
// this table says to where it says; the decoder reads it from there.
type field struct {
	from  object
	paths []string // members; the first one that the kernel has is taken
	size  uint32   // in bytes, which the kernel's must equal
	to    uintptr  // offset in the record
	// facts that cannot be told without the field, of sockets with such an
	// object.
	facts socket.Facts
}

// fields is the whole table. A member that moved between kernel versions has
// its newer and older places as alternates.
func fields() []field {
	return slices.Concat(holderFields(), sockFields(), tcpFields(), mptcpFields(), unixFields())
}

func holderFields() []field {
	var h header
	return []field{
		{taskStruct, paths("pid"), 4, unsafe.Offsetof(h.tid), 0},
		{taskStruct, paths("files"), 8, unsafe.Offsetof(h.files), 0},
		{fileStruct, paths("f_ep"), 8, unsafe.Offsetof(h.epoll), socket.HasWatched},
		{fileStruct, paths("f_ref.refcnt.counter", "f_count.counter"), 8, unsafe.Offsetof(h.refs), socket.HasShared},
		{inodeStruct, paths("i_ino"), 8, unsafe.Offsetof(h.inode), 0},
	}
}

func sockFields() []field {
	var h header
	const queues = socket.HasQueues
	return []field{
		{sockStruct, paths("__sk_common.skc_flags"), 8, unsafe.Offsetof(h.flags), 0},
		{sockStruct, paths("__sk_common.skc_family"), 2, unsafe.Offsetof(h.family), 0},
		{sockStruct, paths("sk_type"), 2, unsafe.Offsetof(h.typ), 0},
		{sockStruct, paths("sk_protocol"), 2, unsafe.Offsetof(h.protocol), 0},
		{sockStruct, paths("__sk_common.skc_state"), 1, unsafe.Offsetof(h.state), socket.HasState},
		{sockStruct, paths("__sk_common.skc_num"), 2, unsafe.Offsetof(h.num), socket.HasAddrs},
		{sockStruct, paths("__sk_common.skc_dport"), 2, unsafe.Offsetof(h.dport), socket.HasAddrs},
		{sockStruct, paths("__sk_common.skc_bound_dev_if"), 4, unsafe.Offsetof(h.device), 0},
		{sockStruct, paths("sk_uid.val"), 4, unsafe.Offsetof(h.uid), 0},
		{restSock, paths("sk_err"), 4, unsafe.Offsetof(h.err), 0},
		{restSock, paths("sk_backlog.rmem_alloc.counter"), 4, unsafe.Offsetof(h.rmem), queues},
		{restSock, paths("sk_wmem_alloc.refs.counter"), 4, unsafe.Offsetof(h.wmem), queues},
		{restSock, paths("sk_ack_backlog"), 4, unsafe.Offsetof(h.backlog), queues},
		{restSock, paths("sk_max_ack_backlog"), 4, unsafe.Offsetof(h.maxBacklog), queues},
		{netStruct, paths("ns.inum"), 4, unsafe.Offsetof(h.netns), 0},
		{udpSock, paths("forward_deficit"), 4, unsafe.Offsetof(h.deficit), queues},
	}
}

func tcpFields() []field {
	const (
		at     = headerSize
		queues = socket.HasQueues
		timer  = socket.HasTimer
		info   = socket.HasTCPInfo
	)
	var t tcpPart
	return []field{
		{tcpSock, paths("rcv_nxt"), 4, at + unsafe.Offsetof(t.rcvNxt), queues},
		{tcpSock, paths("copied_seq"), 4, at + unsafe.Offsetof(t.copiedSeq), queues},
		{tcpSock, paths("write_seq"), 4, at + unsafe.Offsetof(t.writeSeq), queues | info},
		{tcpSock, paths("pushed_seq"), 4, at + unsafe.Offsetof(t.pushedSeq), 0},
		{closedTCP, paths("inet_conn.icsk_inet.inet_sport"), 2, at + unsafe.Offsetof(t.sport), 0},
		{tcpSock, paths("snd_una"), 4, at + unsafe.Offsetof(t.sndUna), queues},
		{tcpSock, paths("inet_conn.icsk_pending"), 1, at + unsafe.Offsetof(t.pending), timer},
		{tcpSock, paths("inet_conn.icsk_retransmits"), 1, at + unsafe.Offsetof(t.retransmits), timer | info},
		{tcpSock, paths("inet_conn.icsk_probes_out"), 1, at + unsafe.Offsetof(t.probes), timer | info},
		{tcpSock, paths("lsndtime"), 4, at + unsafe.Offsetof(t.sent), info},
		{tcpSock, paths("inet_conn.icsk_ack.lrcvtime"), 4, at + unsafe.Offsetof(t.recv), info},
		{tcpSock, paths("rcv_tstamp"), 4, at + unsafe.Offsetof(t.ack), info},
		{retransmitTimer, paths(
			"inet_conn.icsk_inet.sk.tcp_retransmit_timer.expires", // 7.0
			"inet_conn.icsk_timeout",                              // up to 6.17
			"inet_conn.icsk_retransmit_timer.expires",             // 6.18
		), 8, at + unsafe.Offsetof(t.expires), timer},
		{keepaliveTimer, paths("inet_conn.icsk_keepalive_timer.expires", "inet_conn.icsk_inet.sk.sk_timer.expires"), 8, at + unsafe.Offsetof(t.keepExpires), timer},
		{keepaliveTimer, paths("inet_conn.icsk_keepalive_timer.entry.pprev", "inet_conn.icsk_inet.sk.sk_timer.entry.pprev"), 8, at + unsafe.Offsetof(t.keepPending), timer},
		{tcpSock, paths("bytes_acked"), 8, at + unsafe.Offsetof(t.bytesAcked), info},
		{tcpSock, paths("bytes_received"), 8, at + unsafe.Offsetof(t.bytesReceived), info},
		{tcpSock, paths("bytes_sent"), 8, at + unsafe.Offsetof(t.bytesSent), info},
	}
}

func mptcpFields() []field {
	const (
		at     = tcpSize
		queues = socket.HasQueues
	)
	var m mptcpPart
	return []field{
		{mptcpSock, paths("write_seq"), 8, at + unsafe.Offsetof(m.writeSeq), queues},
		{mptcpSock, paths("snd_una"), 8, at + unsafe.Offsetof(m.sndUna), queues},
		{mptcpSock, paths("bytes_received"), 8, at + unsafe.Offsetof(m.bytesReceived), queues}, // 6.5
		{mptcpSock, paths("bytes_consumed"), 8, at + unsafe.Offsetof(m.consumed), queues},      // 6.11
	}
}

func unixFields() []field {
	const at = headerSize
	var u unixPart
	return []field{
		{unixSock, paths("peer"), 8, at + unsafe.Offsetof(u.peer), 0},
		{unixSock, paths("inq_len"), 4, at + unsafe.Offsetof(u.inq), 0}, // 6.18
		{unixSock, paths("sk.sk_receive_queue.qlen"), 4, at + unsafe.Offsetof(u.queued), socket.HasQueues},
		{peerSock, paths("__sk_common.skc_flags"), 8, at + unsafe.Offsetof(u.peerFlags), 0},
		{skBuff, paths("len"), 4, at + unsafe.Offsetof(u.firstLen), 0},
	}
}

func paths(list ...string) []string { return list }
