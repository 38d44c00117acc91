/* How a socket is described: what iter.bpf.c calls for each. */
enum {
	SOCK_KEEPOPEN = 3,		/* enum sock_flags, include/net/sock.h */
	TCP_CLOSE = 7, TCP_LISTEN = 10, /* include/net/tcp_states.h */
	AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10,
	SOCK_STREAM = 1, SOCK_DGRAM = 2,
	IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_UDPLITE = 136, IPPROTO_MPTCP = 262,
};

#define MAX_SCHEDULE_TIMEOUT 0x7fffffffffffffffLL /* LONG_MAX, include/linux/sched.h: without end */

value(states); /* a bit for each state of the socks to show */

/* frame is what the functions get that bpf_loop calls. */
struct frame {
	struct seq_file *seq;
	struct file *file;
	struct hlist_node *item; /* next registration in an epoll set */
	struct sock *sock;
	struct request_sock *queued; /* next connection of the accept queue */
	u64 cookie;
};

/* common copies what every sock has. */
inline void common(struct sock_head *r, struct sock *sk)
{
	r->flags = get(sk, __sk_common.skc_flags);
	r->family = get(sk, __sk_common.skc_family);
	r->type = get(sk, sk_type);
	r->protocol = get(sk, sk_protocol);
	r->num = get(sk, __sk_common.skc_num);
	r->dport = get(sk, __sk_common.skc_dport);
	r->device = get(sk, __sk_common.skc_bound_dev_if);
	r->uid = get(sk, sk_uid.val);
	r->err = get(sk, sk_err);
	r->timeouts = (get(sk, sk_rcvtimeo) != MAX_SCHEDULE_TIMEOUT) | (get(sk, sk_sndtimeo) != MAX_SCHEDULE_TIMEOUT) << 1;
	if (exists(sk->__sk_common.skc_net.net)) /* CONFIG_NET_NS */
		r->netns = get(view(net, get(sk, __sk_common.skc_net.net)), ns.inum);
}

/* queues copies what connections of TCP tell by sequence numbers instead. */
inline void queues(struct sock_head *r, struct sock *sk)
{
	r->rmem = get(sk, sk_backlog.rmem_alloc.counter);
	r->wmem = get(sk, sk_wmem_alloc.refs.counter);
	r->backlog = get(sk, sk_ack_backlog);
	r->max_backlog = get(sk, sk_max_ack_backlog);
}

inline void copy_address(u8 to[16], const void *from)
{
#ifdef cast
	*(u64 *)to = *(u64 *)from;
	*(u64 *)(to + 8) = *(u64 *)(from + 8);
#else
	bpf_probe_read_kernel(to, 16, from);
#endif
}

/* addresses copies both. An IPv6 socket has IPv4 addresses in mapped form. */
inline void addresses(struct sock_head *r, struct sock *sk)
{
	if (exists(sk->__sk_common.skc_v6_daddr)) { /* CONFIG_IPV6 */
		copy_address(r->local, &sk->__sk_common.skc_v6_rcv_saddr);
		copy_address(r->remote, &sk->__sk_common.skc_v6_daddr);
	}
	if (r->family == AF_INET) {
		*(u32 *)r->local = get(sk, __sk_common.skc_rcv_saddr);
		*(u32 *)r->remote = get(sk, __sk_common.skc_daddr);
	}
}

inline u64 retransmit_expires(struct sock *sk, struct inet_connection_sock *icsk)
{
	if (exists(sk->tcp_retransmit_timer)) /* 7.0 */
		return get(sk, tcp_retransmit_timer.expires);
	if (exists(icsk->icsk_timeout)) /* up to 6.17 */
		return get(icsk, icsk_timeout);
	return get(icsk, icsk_retransmit_timer.expires);
}

inline void keepalive(struct tcp_part *t, struct sock *sk, struct inet_connection_sock *icsk)
{
	if (exists(icsk->icsk_keepalive_timer)) { /* 7.0 */
		t->keep_expires = get(icsk, icsk_keepalive_timer.expires);
		t->keep_pending = (u64)get(icsk, icsk_keepalive_timer.entry.pprev);
	} else {
		t->keep_expires = get(sk, sk_timer.expires);
		t->keep_pending = (u64)get(sk, sk_timer.entry.pprev);
	}
}

/* tcp describes a TCP socket, or the subflow of an MPTCP socket. */
inline void tcp(struct frame *f, struct record *r, struct sock *sk)
{
	struct tcp_sock *tp = view(tcp_sock, sk);
	struct inet_connection_sock *icsk = view(inet_connection_sock, sk);
	struct tcp_part *t = &r->tcp;

	t->rcv_nxt = get(tp, rcv_nxt);
	t->copied_seq = get(tp, copied_seq);
	t->write_seq = get(tp, write_seq);
	t->pushed_seq = get(tp, pushed_seq);
	t->snd_una = get(tp, snd_una);
	t->sent = get(tp, lsndtime);
	t->recv = get(icsk, icsk_ack.lrcvtime);
	t->ack = get(tp, rcv_tstamp);
	t->segs_in = get(tp, data_segs_in);
	t->segs_out = get(tp, data_segs_out);
	t->bytes_acked = get(tp, bytes_acked);
	t->bytes_received = get(tp, bytes_received);
	t->bytes_sent = get(tp, bytes_sent);
	t->retransmits = get(icsk, icsk_retransmits);
	t->probes = get(icsk, icsk_probes_out);
	t->pending = get(icsk, icsk_pending);
	t->jiffies = bpf_jiffies64();
	if (t->pending)
		t->expires = retransmit_expires(sk, icsk);
	if (get(sk, __sk_common.skc_flags) & 1 << SOCK_KEEPOPEN)
		keepalive(t, sk, icsk);
	if (r->sock.state == TCP_CLOSE)
		t->sport = get(icsk, icsk_inet.inet_sport);
	if (r->sock.state == TCP_LISTEN)
		f->queued = get(icsk, icsk_accept_queue.rskq_accept_head);
}

/* mptcp describes an MPTCP socket, and returns its first subflow: that is what
 * listens, and whose ages and timers count. Without one they are zero.
 */
inline struct sock *mptcp(struct record *r, struct sock *sk)
{
	struct mptcp_sock *msk = view(mptcp_sock, sk);
	struct sock *first = view(sock, get(msk, first));

	r->mptcp.write_seq = get(msk, write_seq);
	r->mptcp.snd_una = get(msk, snd_una);
	r->mptcp.bytes_received = get(msk, bytes_received); /* 6.5 */
	r->mptcp.consumed = get(msk, bytes_consumed);	    /* 6.11 */
	queues(&r->sock, first);
	return first;
}

/* copy_path copies in the widest pieces that are aligned on both sides. */
inline void copy_path(u8 *to, const void *from)
{
#ifdef cast
	*(u16 *)to = *(u16 *)from;
	*(u32 *)(to + 2) = *(u32 *)(from + 2);
#pragma unroll
	for (int i = 6; i < 102; i += 8)
		*(u64 *)(to + i) = *(u64 *)(from + i);
	*(u32 *)(to + 102) = *(u32 *)(from + 102);
	*(u16 *)(to + 106) = *(u16 *)(from + 106);
#else
	bpf_probe_read_kernel(to, 108, from);
#endif
}

/* unix_socket describes a UNIX socket and what is at its other end. */
inline void unix_socket(struct unix_part *r, struct sock *sk)
{
	struct unix_sock *u = view(unix_sock, sk);
	struct unix_address *addr = view(unix_address, get(u, addr));
	struct sock *peer = view(sock, get(u, peer));
	struct file *peer_file = view(file, get(view(socket, get(peer, sk_socket)), file));

	r->addr_len = get(addr, len);
	copy_path(r->path, addr->name[0].sun_path);
	r->queued = get(sk, sk_receive_queue.qlen);
	r->first_len = get(view(sk_buff, get(sk, sk_receive_queue.next)), len);
	r->inq = get(u, inq_len); /* 6.18 */
	r->peer = (u64)peer;
	r->peer_flags = get(peer, __sk_common.skc_flags);
	r->peer_inode = get(view(inode, get(peer_file, f_inode)), i_ino);
}

/* by_protocol describes what the protocol of the sock adds, and returns which
 * part of the record that is.
 */
inline enum kind by_protocol(struct frame *f, struct record *r, struct sock *sk)
{
	u16 type = r->sock.type, protocol = r->sock.protocol;

	if (r->sock.family == AF_UNIX && has_struct(unix_sock)) {
		unix_socket(&r->un, sk);
		return UNIX;
	}
	if (r->sock.family != AF_INET && r->sock.family != AF_INET6)
		return PLAIN;
	addresses(&r->sock, sk);
	if (type == SOCK_DGRAM && (protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE))
		r->sock.deficit = get(view(udp_sock, sk), forward_deficit);
	if (type != SOCK_STREAM || (protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP))
		return PLAIN;
	if (protocol == IPPROTO_MPTCP) {
		if (!has_struct(mptcp_sock))
			return PLAIN;
		sk = mptcp(r, sk);
	}
	tcp(f, r, sk);
	return protocol == IPPROTO_TCP ? TCP : MPTCP;
}

inline u32 length_of(enum kind kind)
{
	switch (kind) {
	case TCP:
		return sizeof(struct sock_head) + sizeof(struct tcp_part);
	case MPTCP:
		return sizeof(struct sock_head) + sizeof(struct tcp_part) + sizeof(struct mptcp_part);
	case UNIX:
		return sizeof(struct sock_head) + sizeof(struct unix_part);
	default:
		return sizeof(struct sock_head);
	}
}

/* next_queued takes the next connection off the list of the accept queue. It
 * has a cookie only if something else has asked for it: the helper that gives
 * cookies out takes the sock of the descriptor only.
 */
inline struct sock *next_queued(struct frame *f, struct record *r)
{
	struct request_sock *request = view(request_sock, f->queued);
	struct sock *sk = view(sock, get(request, sk));

	f->queued = get(request, dl_next);
	r->sock.cookie = get(sk, __sk_common.skc_cookie.counter);
	return sk;
}

/* describe writes the record of the frame's sock, and when it is called again
 * those of the connections in its accept queue: what is written once is
 * verified once, and the verifier takes most of the time of loading.
 */
callback long describe(u32 n, struct frame *f)
{
	struct record r = {.sock.queued = n};
	struct sock *sk = f->sock;

	r.sock.cookie = f->cookie;
	if (n)
		sk = next_queued(f, &r);
	r.sock.state = get(sk, __sk_common.skc_state);
	if (value_of(states) >> r.sock.state & 1) {
		common(&r.sock, sk);
		if (r.sock.protocol != IPPROTO_TCP || r.sock.type != SOCK_STREAM ||
		    r.sock.state == TCP_CLOSE || r.sock.state == TCP_LISTEN)
			queues(&r.sock, sk);
		r.sock.kind = by_protocol(f, &r, sk);
		r.sock.length = length_of(r.sock.kind);
		bpf_seq_write(f->seq, &r, r.sock.length);
	}
	return !f->queued;
}
