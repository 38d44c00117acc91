/* The records that the program writes. First struct descriptor; then, of a
 * socket, its registrations in epoll sets (struct epoll_item), the socket
 * (struct sock_head and the parts that its kind says), and the connections in
 * its accept queue, which look the same.
 *
 * iter_records.go has the structs of Go that tools/bpfgen makes of these.
 * Addresses tell things apart; nothing else is done with them.
 */
enum kind { PLAIN, TCP, MPTCP, UNIX, DESCRIPTOR, EPOLL_ITEM };

struct descriptor {
	u32 length, kind;
	u32 tgid;		  /* in the reader's pid namespace */
	u32 tid;		  /* in the initial one */
	u32 fd;
	u32 max_fds;		  /* the bit below means something when fd is less */
	u64 close_on_exec;	  /* 64 bits of the table's bitmap, fd's among them */
	u64 files;		  /* address of the table of descriptors */
	s64 refs;		  /* file.f_count; file.f_ref since 6.13, which counts from zero */
	u64 inode;
	u64 data;		  /* file.private_data, of a file on no file system */
	u64 epoll;		  /* file.f_ep: 0 when in no epoll set */
	u64 wait_head, wait_next; /* equal when nothing sleeps or polls on the socket */
};

struct epoll_item {
	u32 length, kind;
	u64 set;  /* address of the struct eventpoll */
	u64 next; /* 0 for the last */
	u64 data;
	u32 events;
	s32 fd;
};

/* struct sock, include/net/sock.h */
struct sock_head {
	u32 length, kind;
	u64 queued; /* not 0 for a connection in the accept queue */
	u64 cookie;
	u64 flags; /* enum sock_flags, a bit each */
	u16 family, type, protocol;
	u8 state, timeouts;
	u16 num;   /* local port */
	u16 dport; /* in network byte order */
	u32 device;
	u32 uid;
	s32 err;
	u32 rmem, wmem;
	u32 backlog, max_backlog; /* connections in the accept queue */
	u32 netns;
	s32 deficit;		   /* udp_sock.forward_deficit */
	u8 local[16], remote[16]; /* IPv4 addresses use the first four bytes */
};

/* struct tcp_sock, include/linux/tcp.h, and struct inet_connection_sock,
 * include/net/inet_connection_sock.h
 */
struct tcp_part {
	u32 rcv_nxt, copied_seq, write_seq, snd_una;
	u8 pending, retransmits, probes, pad;
	u16 sport, pad2;       /* in network byte order; kept when num is given back */
	u32 pushed_seq;
	u32 sent, recv, ack;   /* jiffies of the last data sent, data received, ACK received */
	u32 segs_in, segs_out; /* with data */
	u64 expires;	       /* of the retransmit timer, in jiffies */
	u64 keep_expires;
	u64 keep_pending;      /* timer_list.entry.pprev: not 0 when it runs */
	u64 jiffies;	       /* now */
	u64 bytes_acked, bytes_received, bytes_sent;
};

/* struct mptcp_sock, net/mptcp/protocol.h; the first subflow's tcp_part goes
 * before it
 */
struct mptcp_part {
	u64 write_seq, snd_una, bytes_received, consumed;
};

/* struct unix_sock, include/net/af_unix.h */
struct unix_part {
	u32 addr_len;  /* 0 when unnamed; includes sun_family */
	u32 queued;    /* packets in the receive queue, or connections in the accept queue */
	u32 first_len; /* bytes in the first of them */
	s32 inq;       /* bytes in all of them, of a stream */
	u64 peer;      /* not 0 when connected, once at least */
	u64 peer_inode;
	u64 peer_flags; /* enum sock_flags */
	u16 pad;       /* puts path where it is in memory, two bytes behind a multiple of eight */
	u8 path[108];
	u16 pad2;
};

struct record {
	struct sock_head sock;
	union {
		struct { struct tcp_part tcp; struct mptcp_part mptcp; };
		struct unix_part un;
	};
};
