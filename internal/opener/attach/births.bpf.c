//go:build ignore

/* Who opens sockets. Each socket of a traced process has a struct birth in a
 * map keyed by its struct sock, which is read when somebody asks; only stacks
 * that were not seen before are sent. births.h says what they hold.
 *
 * bpf2go makes births_x86_bpfel.o of it (go generate).
 */
#include "births.h"
#include "stacks.h"

enum {
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	USER32_CS = 0x23, /* arch/x86/include/asm/segment.h */

	NR_CLOSE = 3, /* arch/x86/entry/syscalls/syscall_64.tbl */
	NR_DUP2 = 33,
	NR_SOCKET = 41,
	NR_ACCEPT = 43,
	NR_RECVMSG = 47,
	NR_SOCKETPAIR = 53,
	NR_ACCEPT4 = 288,
	NR_DUP3 = 292,
	NR_PIDFD_GETFD = 438,

	NR32_CLOSE = 6, /* syscall_32.tbl */
	NR32_DUP2 = 63,
	NR32_SOCKETCALL = 102,
	NR32_DUP3 = 330,
	NR32_SOCKET = 359,
	NR32_SOCKETPAIR = 360,
	NR32_ACCEPT4 = 364,
	NR32_RECVMSG = 372,
	CALL_SOCKET = 1, /* include/uapi/linux/net.h */
	CALL_ACCEPT = 5,
	CALL_SOCKETPAIR = 8,
	CALL_RECVMSG = 17,
	CALL_ACCEPT4 = 18,

	MSG_PEEK = 2, /* include/linux/socket.h */
	OUT = 1,
	IN = 2,

	/* What is no use: a ping of HTTP/2 (17 bytes, 39 under TLS), of WebSocket,
	 * Redis, MQTT; as in internal/track.
	 */
	HEARTBEAT = 64,
	SILENCE = 1000000000, /* ns */
};

inline struct sock *sock_of(struct file *file, u64 *inode)
{
	struct inode *i = BPF_CORE_READ(file, f_inode);
	struct socket *socket = BPF_CORE_READ(file, private_data);

	if ((BPF_CORE_READ(i, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	*inode = BPF_CORE_READ(i, i_ino);
	return BPF_CORE_READ(socket, sk);
}

inline struct file *file_at(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = 0;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

inline int in32(struct pt_regs *regs) { return regs->cs == USER32_CS; }

/* number returns the number of the system call on x86-64, of 32-bit programs too:
 * 0, which is read(2), of all that make and close no sockets.
 */
inline u32 number(struct pt_regs *regs)
{
	u32 nr = regs->orig_ax;

	if (!in32(regs))
		return nr;
	switch (nr) {
	case NR32_CLOSE:
		return NR_CLOSE;
	case NR32_DUP2:
		return NR_DUP2;
	case NR32_DUP3:
		return NR_DUP3;
	case NR32_SOCKET:
		return NR_SOCKET;
	case NR32_SOCKETPAIR:
		return NR_SOCKETPAIR;
	case NR32_ACCEPT4:
		return NR_ACCEPT4;
	case NR32_RECVMSG:
		return NR_RECVMSG;
	case NR_PIDFD_GETFD:
		return NR_PIDFD_GETFD;
	case NR32_SOCKETCALL:
		break;
	default:
		return 0;
	}
	switch ((u32)regs->bx) {
	case CALL_SOCKET:
		return NR_SOCKET;
	case CALL_ACCEPT:
		return NR_ACCEPT;
	case CALL_SOCKETPAIR:
		return NR_SOCKETPAIR;
	case CALL_RECVMSG:
		return NR_RECVMSG;
	case CALL_ACCEPT4:
		return NR_ACCEPT4;
	}
	return 0;
}

/* pair_at is where socketpair(2) puts its descriptors. */
inline u64 pair_at(struct pt_regs *regs)
{
	u32 at = 0;

	if (!in32(regs))
		return regs->r10;
	if (regs->orig_ax != NR32_SOCKETCALL)
		return (u32)regs->si;
	bpf_probe_read_user(&at, sizeof(at), (void *)(regs->cx + 3 * sizeof(at)));
	return at;
}

/* born notes that the current thread came to a socket. */
inline void born(struct pt_regs *regs, struct file *file, u64 image)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct birth b = {.image = image}, *known;
	struct sock *sk = sock_of(file, &b.inode);
	u64 key = (u64)sk, id = bpf_get_current_pid_tgid();

	if (!sk)
		return;
	known = bpf_map_lookup_elem(&births, &key);
	if (known && known->inode == b.inode)
		return; /* another descriptor of it */
	b.sock = key;
	b.at = b.state = bpf_ktime_get_boot_ns();
	b.call = number(regs);
	if (b.call != NR_SOCKET && b.call != NR_SOCKETPAIR)
		b.state = 0;
	b.cookie = BPF_CORE_READ(sk, __sk_common.skc_cookie.counter);
	b.started = BPF_CORE_READ(task, group_leader, start_boottime);
	b.tgid = id >> 32;
	b.tid = id;
	bpf_get_current_comm(b.name, sizeof(b.name));
	b.stack = take_stack(regs, image);
	count(bpf_map_update_elem(&births, &key, &b, BPF_ANY) ? MAP_FULL : BIRTHS);
}

inline void died(struct sock *sk)
{
	u64 key = (u64)sk;

	if (key && !bpf_map_delete_elem(&births, &key))
		count(DEATHS);
}

inline int last_reference(struct file *file)
{
	if (bpf_core_field_exists(file->f_ref))
		return BPF_CORE_READ(file, f_ref.refcnt.counter) <= 0;
	return BPF_CORE_READ(file, f_count.counter) <= 1;
}

/* released notes that a descriptor goes, which may be the last one. */
inline void released(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = file_at(fd);
	struct birth *b;
	struct sock *sk;
	u64 inode, key;

	if (!file || !(sk = sock_of(file, &inode)))
		return;
	if (last_reference(file)) {
		died(sk);
		return;
	}
	key = (u64)sk;
	if ((b = bpf_map_lookup_elem(&births, &key))) {
		b->left = bpf_get_current_pid_tgid() >> 32;
		b->left_started = BPF_CORE_READ(task, group_leader, start_boottime);
		b->left_at = bpf_ktime_get_boot_ns();
	}
}

/* Where the kernel allows trampolines: every descriptor, however it is made. */

SEC("fentry/fd_install")
int fd_install(u64 *ctx)
{
	u64 *image = traced();

	if (image)
		born((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()), (struct file *)ctx[1], *image);
	return 0;
}

SEC("fentry/__sock_release")
int sock_release(u64 *ctx)
{
	died(BPF_CORE_READ((struct socket *)ctx[0], sk));
	return 0;
}

/* Where it does not: the calls that make and close them. */

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	s32 result = ctx[1];
	u32 nr = number(regs);
	u64 *image;
	struct file *file;
	s32 pair[2];

	if (nr != NR_SOCKET && nr != NR_ACCEPT && nr != NR_ACCEPT4 && nr != NR_SOCKETPAIR && nr != NR_PIDFD_GETFD)
		return 0;
	if (result < 0 || !(image = traced()))
		return 0;
	if (nr == NR_SOCKETPAIR) {
		if (bpf_probe_read_user(pair, sizeof(pair), (void *)pair_at(regs)))
			return 0;
		for (int i = 0; i < 2; i++)
			if ((file = file_at(pair[i])))
				born(regs, file, *image);
		return 0;
	}
	if ((file = file_at(result)))
		born(regs, file, *image);
	return 0;
}

SEC("tp_btf/sys_enter")
int sys_enter(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	u32 nr = number(regs), from, to;

	if (nr != NR_CLOSE && nr != NR_DUP2 && nr != NR_DUP3)
		return 0;
	if (!traced())
		return 0;
	from = in32(regs) ? regs->bx : regs->di;
	to = in32(regs) ? regs->cx : regs->si;
	if (nr == NR_CLOSE)
		released(from);
	else if (from != to)
		released(to);
	return 0;
}

/* A TCP socket that its program has closed, in whatever way. */

SEC("tp_btf/tcp_destroy_sock")
int tcp_destroy_sock(u64 *ctx)
{
	died((struct sock *)ctx[0]);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int inet_sock_set_state(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	u64 key = (u64)sk;
	struct birth *b = bpf_map_lookup_elem(&births, &key);

	if (!b)
		return 0;
	if (!BPF_CORE_READ(sk, sk_socket)) {
		died(sk);
		return 0;
	}
	b->state = bpf_ktime_get_boot_ns();
	b->before = ctx[1];
	b->now = ctx[2];
	return 0;
}

/* moved notes that data went in a direction. An answer is what goes the other
 * way than the first data, each time that it follows upon such.
 */
inline void moved(u64 *ctx, u8 direction)
{
	u64 key = ctx[0], now;
	u32 bytes = ctx[1], taking;
	struct birth *b;

	if ((s32)bytes <= 0 || !(b = bpf_map_lookup_elem(&births, &key)))
		return;
	if (!b->first)
		b->first = direction;
	else if (direction != b->last && direction != b->first)
		b->answers++;
	b->last = direction;
	now = bpf_ktime_get_boot_ns();
	taking = now - b->moved < SILENCE ? b->taking : 0;
	if (taking <= HEARTBEAT) {
		b->taking = taking + (bytes <= HEARTBEAT ? bytes : HEARTBEAT + 1);
		if (b->taking > HEARTBEAT)
			b->takings++;
	}
	b->moved = now;
}

SEC("tp_btf/sock_send_length")
int sock_send_length(u64 *ctx)
{
	moved(ctx, OUT);
	return 0;
}

SEC("tp_btf/sock_recv_length")
int sock_recv_length(u64 *ctx)
{
	if (!(ctx[2] & MSG_PEEK))
		moved(ctx, IN);
	return 0;
}

/* Which processes are traced: those that the reader names and what they fork. */

SEC("tp_btf/sched_process_fork")
int sched_process_fork(u64 *ctx)
{
	u32 parent = BPF_CORE_READ((struct task_struct *)ctx[0], tgid);
	u32 child = BPF_CORE_READ((struct task_struct *)ctx[1], tgid);
	u64 *image = bpf_map_lookup_elem(&targets, &parent);

	if (image && parent != child)
		bpf_map_update_elem(&targets, &child, image, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int sched_process_exec(u64 *ctx)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	u64 image = bpf_ktime_get_boot_ns();

	if (bpf_map_lookup_elem(&targets, &tgid)) {
		bpf_map_update_elem(&targets, &tgid, &image, BPF_ANY);
		send_image(tgid, image);
	}
	return 0;
}

SEC("tp_btf/sched_process_exit")
int sched_process_exit(u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	u32 tgid = BPF_CORE_READ(task, tgid);

	if (BPF_CORE_READ(task, pid) == tgid)
		bpf_map_delete_elem(&targets, &tgid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
