/* What iter.bpf.c takes from the kernel: helpers by their number (enum
 * bpf_func_id, include/uapi/linux/bpf.h), and the members that it reads. Where
 * a member lies is filled in when the program is loaded (CO-RE), so neither
 * the order here nor what is left out matters.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define inline static inline __attribute__((always_inline))
#define callback static __attribute__((noinline, section("iter/task_file")))

/* Values that the loader fills in: their addresses. */
#define value(name) extern char name __attribute__((weak))
#define value_of(name) ((u64)&name)

struct task_struct;
struct seq_file;
struct file;
struct socket;
struct sock;

static u64 (*const bpf_get_socket_cookie)(struct sock *) = (void *)46; /* for tracing since 5.12 */
static long (*const bpf_probe_read_kernel)(void *, u32, const void *) = (void *)113;
static u64 (*const bpf_jiffies64)(void) = (void *)118;
static long (*const bpf_seq_write)(struct seq_file *, const void *, u32) = (void *)127;
static struct task_struct *(*const bpf_get_current_task_btf)(void) = (void *)158;
static struct socket *(*const bpf_sock_from_file)(struct file *) = (void *)162;
static long (*const bpf_loop)(u32, void *, void *, u64) = (void *)181; /* since 5.17 */
extern void *bpf_rdonly_cast(const void *, u32) __attribute__((weak)); /* since 6.2 */

enum bpf_func_id { BPF_FUNC_loop = 181 };

/* exists and has say what this kernel has, offset_of where. */
#define exists(member) __builtin_preserve_field_info(member, 2)
#define offset_of(member) __builtin_preserve_field_info(member, 0)
#define has_struct(name) __builtin_preserve_type_info(*(struct name *)0, 0)
#define has_helper(name) __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_##name, 0)

/* unknown_zero is a zero that the verifier takes for any number. Before 6.7 it
 * looks at what bpf_loop calls with the first arguments only, and takes out the
 * branches that these do not go.
 */
inline u64 unknown_zero(u64 number)
{
	u64 same = number;

	asm volatile("" : "+r"(same));
	return number - same;
}

/* view makes a struct that can be read of a pointer or a number, and get reads
 * a member. A read that misses, as through a null pointer, yields zero and
 * stops nothing.
 *
 * There are two programs. Since 6.2 the verifier lets one read through what it
 * has cast; type 0, which the loader fills in from 6.17 on, is plain memory,
 * whose loads cost next to nothing to verify. On older kernels it takes a
 * helper for each read, which kernel lockdown (confidentiality) forbids.
 */
#ifdef cast
#define view(name, p) ((struct name *)bpf_rdonly_cast((void *)(p), __builtin_btf_type_id(*(struct name *)0, 1)))
#define get(p, member) ((p)->member)
#else
#define view(name, p) ((struct name *)(p))
#define get(p, member) ({ \
	typeof(p) from = (p); \
	typeof(from->member) v; \
	bpf_probe_read_kernel(&v, sizeof(v), &from->member); \
	v; \
})
#endif

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head { struct list_head *next; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
struct timer_list { struct hlist_node entry; unsigned long expires; };
struct counter32 { s32 counter; }; /* atomic_t */
struct counter64 { s64 counter; }; /* atomic64_t, atomic_long_t */
struct refcount { struct counter32 refs; };

struct bpf_iter_meta { struct seq_file *seq; };
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

struct upid { s32 nr; void *ns; };
struct pid { u32 level; struct upid numbers[8]; };
struct signal_struct { struct pid *pids[4]; };
struct cpumask { unsigned long bits[1]; }; /* for any bitmap */
struct fdtable { u32 max_fds; unsigned long *close_on_exec; };
struct files_struct { struct fdtable *fdt; };
struct task_struct {
	s32 pid, tgid;
	struct signal_struct *signal;
	struct pid *thread_pid;
	struct files_struct *files;
};

struct super_block { unsigned long s_magic; };
struct inode { unsigned long i_ino; struct super_block *i_sb; };
struct file_ref { struct counter64 refcnt; };
struct file {
	struct inode *f_inode;
	void *private_data;
	struct hlist_head *f_ep;
	struct file_ref f_ref;	/* since 6.13, counts from zero */
	struct counter64 f_count;
};

struct eventpoll;
struct epoll_filefd { struct file *file; s32 fd; };
struct epoll_event { u32 events; u64 data; };
struct epitem {
	struct epoll_filefd ffd;
	struct eventpoll *ep;
	struct hlist_node fllink;
	struct epoll_event event;
};

struct wait_queue_head { struct list_head head; };
struct socket_wq { struct wait_queue_head wait; };
struct socket { struct file *file; struct sock *sk; struct socket_wq wq; };

struct ns_common { u32 inum; };
struct net { struct ns_common ns; };
struct possible_net { struct net *net; }; /* empty without CONFIG_NET_NS */
struct in6_addr { u8 bytes[16]; };
struct sock_common {
	u16 skc_family, skc_num, skc_dport;
	u8 skc_state;
	s32 skc_bound_dev_if;
	u32 skc_daddr, skc_rcv_saddr;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	struct possible_net skc_net;
	struct counter64 skc_cookie;
	unsigned long skc_flags;
};
struct sk_buff { u32 len; };
struct sk_buff_head { struct sk_buff *next; u32 qlen; };
struct backlog { struct counter32 rmem_alloc; };
struct kuid { u32 val; };
struct sock {
	struct sock_common __sk_common;
	u16 sk_type, sk_protocol;
	struct kuid sk_uid;
	s32 sk_err;
	s64 sk_rcvtimeo, sk_sndtimeo;
	u32 sk_ack_backlog, sk_max_ack_backlog;
	struct backlog sk_backlog;
	struct refcount sk_wmem_alloc;
	struct sk_buff_head sk_receive_queue;
	struct socket *sk_socket;
	struct timer_list sk_timer, tcp_retransmit_timer;
};

struct request_sock { struct request_sock *dl_next; struct sock *sk; };
struct request_sock_queue { struct request_sock *rskq_accept_head; };
struct icsk_ack { u32 lrcvtime; };
struct inet_sock { u16 inet_sport; };
struct inet_connection_sock {
	struct inet_sock icsk_inet;
	u8 icsk_pending, icsk_retransmits, icsk_probes_out;
	struct icsk_ack icsk_ack;
	struct request_sock_queue icsk_accept_queue;
	unsigned long icsk_timeout;
	struct timer_list icsk_retransmit_timer, icsk_keepalive_timer;
};
struct tcp_sock {
	u32 rcv_nxt, copied_seq, write_seq, pushed_seq, snd_una;
	u32 lsndtime, rcv_tstamp, data_segs_in, data_segs_out;
	u64 bytes_acked, bytes_received, bytes_sent;
};
struct mptcp_sock { struct sock *first; u64 write_seq, snd_una, bytes_received, bytes_consumed; };
struct udp_sock { s32 forward_deficit; };

struct sockaddr_un { u8 sun_path[108]; };
struct unix_address { s32 len; struct sockaddr_un name[1]; };
struct unix_sock { struct unix_address *addr; struct sock *peer; s32 inq_len; };

#pragma clang attribute pop
