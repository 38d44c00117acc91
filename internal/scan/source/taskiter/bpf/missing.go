//go:build linux

package bpf

import (
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Missing names, for people, what this kernel does not show: members of
// kernel structs that it lacks, or what needs a newer version. Facts that
// depend on them are absent from Socket.Facts.
func (p *Program) Missing() []string { return slices.Clone(p.missing) }

// Concerns says which sockets one of what is Missing is about, in a word, and
// whether the socket is one of them. Where it is about all, the word is "".
func Concerns(missing string, s *socket.Socket) (word string, is bool) {
	object, _, _ := strings.Cut(missing, " ")
	object, _, _ = strings.Cut(object, ".")
	switch object {
	case "unix_sock", "unix_address", "sk_buff":
		return "UNIX", s.Family == socket.Unix
	case "udp_sock":
		return "UDP", s.IsUDP()
	case "mptcp_sock":
		return "MPTCP", s.Family.IP() && s.Protocol == socket.MPTCP && s.State != socket.Listen
	case "tcp_sock", "inet_connection_sock":
		return "TCP", s.IsTCP()
	}
	return "", true
}

// miss notes which of the absent members matter: not those that another
// version of the kernel has elsewhere, nor those of structs that this one was
// built without.
func (p *Program) miss(kernel *btf, absent []relocation) {
	gone := map[string]bool{}
	for _, r := range absent {
		gone[r.name()] = true
	}
	p.countedRefs = gone["file.f_ref.refcnt.counter"]
	p.noInq = gone["unix_sock.inq_len"]
	for _, r := range absent {
		_, has := kernel.ids[symbol{kindStruct, r.of}]
		places := placesOf(r.name())
		switch {
		case !has && r.of == "mptcp_sock", strings.Contains(r.path, "skc_v6_"): // no CONFIG_MPTCP, no CONFIG_IPV6
		case !has:
			p.lose(r.name(), r.of+" (not built into the kernel)")
		case !slices.ContainsFunc(places, func(place string) bool { return !gone[place] }):
			p.lose(r.name(), strings.Join(places, " or "))
		}
	}
	id, has := kernel.ids[symbol{kindEnum, "bpf_func_id"}]
	if !has || !kernel.hasEnumerator(id, "BPF_FUNC_loop") {
		p.missing = append(p.missing, "connections waiting to be accepted (needs Linux 5.17)")
	}
}

func (r *relocation) name() string { return r.of + "." + r.path }

// placesOf returns the names that a member has had, in one version of the
// kernel or another.
func placesOf(name string) []string {
	for _, places := range [][]string{
		{"file.f_ref.refcnt.counter", "file.f_count.counter"},                                                                            // 6.13
		{"inet_connection_sock.icsk_timeout", "inet_connection_sock.icsk_retransmit_timer.expires", "sock.tcp_retransmit_timer.expires"}, // 6.18, 7.0
		{"inet_connection_sock.icsk_keepalive_timer.expires", "sock.sk_timer.expires"},                                                   // 7.0
		{"inet_connection_sock.icsk_keepalive_timer.entry.pprev", "sock.sk_timer.entry.pprev"},
	} {
		if slices.Contains(places, name) {
			return places
		}
	}
	return []string{name}
}

// lose notes that a member is missing, and which facts go with it.
func (p *Program) lose(name, what string) {
	l := factsOf(name)
	p.lost = losses{p.lost.all | l.all, p.lost.file | l.file, p.lost.udp | l.udp, p.lost.tcp | l.tcp, p.lost.mptcp | l.mptcp, p.lost.unix | l.unix}
	if p.needs == "" && needed(name) {
		p.needs = name
	}
	p.noFlags = p.noFlags || strings.HasPrefix(name, "fdtable.") || strings.HasPrefix(name, "files_struct.")
	if !slices.Contains(p.missing, what) {
		p.missing = append(p.missing, what)
	}
}

// losses are facts that cannot be told, of all sockets or of some kind.
type losses struct{ all, file, udp, tcp, mptcp, unix socket.Facts }

// factsOf says which facts cannot be told without a member.
func factsOf(name string) losses {
	const (
		queues = socket.HasQueues
		timer  = socket.HasTimer
		info   = socket.HasTCPInfo
	)
	of, path, _ := strings.Cut(name, ".")
	switch of {
	case "epitem", "hlist_head":
		return losses{file: socket.HasEpolls}
	case "udp_sock":
		return losses{udp: queues}
	case "mptcp_sock":
		return losses{mptcp: queues}
	case "unix_sock", "unix_address", "sk_buff":
		if path == "inq_len" { // of some sockets, which decodeUnix knows
			return losses{}
		}
		return losses{unix: queues}
	}
	switch path {
	case "f_ep":
		return losses{file: socket.HasWatched | socket.HasEpolls}
	case "wq.wait.head", "wq.wait.head.next":
		return losses{file: socket.HasWatched}
	case "f_count.counter", "f_ref.refcnt.counter":
		return losses{file: socket.HasShared}
	case "sk_rcvtimeo", "sk_sndtimeo":
		return losses{all: socket.HasTimeouts}
	case "sk_err":
		return losses{all: socket.HasErr}
	case "__sk_common.skc_num", "__sk_common.skc_dport", "__sk_common.skc_daddr", "__sk_common.skc_rcv_saddr":
		return losses{all: socket.HasAddrs}
	case "sk_backlog.rmem_alloc.counter", "sk_wmem_alloc.refs.counter", "sk_ack_backlog", "sk_max_ack_backlog":
		return losses{all: queues}
	case "sk_receive_queue.qlen", "sk_receive_queue.next":
		return losses{unix: queues}
	case "rcv_nxt", "copied_seq", "snd_una":
		return losses{tcp: queues}
	case "write_seq":
		return losses{tcp: queues | info}
	case "data_segs_in", "data_segs_out":
		return losses{tcp: socket.HasDataSegs}
	case "lsndtime", "rcv_tstamp", "icsk_ack.lrcvtime", "bytes_acked", "bytes_received", "bytes_sent":
		return losses{tcp: info}
	case "icsk_retransmits", "icsk_probes_out":
		return losses{tcp: info | timer}
	}
	if strings.Contains(path, "timer") || path == "icsk_pending" || path == "icsk_timeout" {
		return losses{tcp: timer}
	}
	return losses{}
}

// needed reports whether nothing can be told without a member.
func needed(name string) bool {
	switch name {
	case "inode.i_ino", "file.f_inode", "socket.sk", "sock.sk_type", "sock.sk_protocol",
		"sock.__sk_common.skc_family", "sock.__sk_common.skc_state":
		return true
	}
	return strings.HasPrefix(name, "bpf_iter_")
}
