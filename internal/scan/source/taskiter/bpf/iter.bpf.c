//go:build ignore

/* The task_file iterator: the kernel calls sockets() for every descriptor of
 * the processes that are walked over. record.h says what it writes.
 *
 * tools/bpfgen makes iter_cast.go and iter_probe.go of it (go generate).
 */
#include "kernel.h"
#include "record.h"
#include "describe.h"

enum {
	MAX_UNACCEPTED = 64, /* all records of a descriptor fit into the kernel's buffer of 32 KiB */
	MAX_ITEMS = 64,

	ANON_INODE_FS_MAGIC = 0x09041934, /* include/uapi/linux/magic.h */
	PIDTYPE_TGID = 1,		  /* include/linux/pid_types.h */
};

value(only_tgid);  /* leave out other processes; 0 for none */
value(initial_ns); /* 1 where the reader numbers tasks as task_struct.tgid does */

callback long epoll_item(u32 n, struct frame *f);

/* repeat calls the function up to so many times, or once where the kernel has
 * no bpf_loop.
 */
#define repeat(times, function, frame) \
	(has_helper(loop) ? bpf_loop(times, function, frame, 0) : function(0, frame))

/* tgid_of numbers a process as the reader's pid namespace does: 0 if it is not
 * in that.
 */
inline u32 tgid_of(struct task_struct *task)
{
	if (value_of(initial_ns))
		return get(task, tgid);
	struct pid *pid = view(pid, get(view(signal_struct, get(task, signal)), pids[PIDTYPE_TGID]));
	struct task_struct *reader = view(task_struct, bpf_get_current_task_btf());
	u32 level = get(view(pid, get(reader, thread_pid)), level), nr = 0;
#pragma unroll
	for (u32 i = 0; i < sizeof(pid->numbers) / sizeof(pid->numbers[0]); i++)
		if (level == i)
			nr = get(pid, numbers[i].nr);
	return nr;
}

inline s64 references(struct file *file)
{
	if (exists(file->f_ref.refcnt.counter)) /* 6.13 */
		return get(file, f_ref.refcnt.counter);
	return get(file, f_count.counter);
}

inline void hold(struct descriptor *d, struct task_struct *task, struct file *file)
{
	struct fdtable *table = view(fdtable, get(view(files_struct, get(task, files)), fdt));
	u64 word = (u64)get(table, close_on_exec) + d->fd / 64 * 8;

	d->tid = get(task, pid);
	d->files = (u64)get(task, files);
	d->max_fds = get(table, max_fds);
	d->close_on_exec = get(view(cpumask, word), bits[0]);
	d->refs = references(file);
	d->inode = get(view(inode, get(file, f_inode)), i_ino);
}

/* anonymous reports whether the file is on no file system: an epoll set, an
 * io_uring, or the like. The address of its data tells which epoll set it is.
 */
inline int anonymous(struct file *file)
{
	struct inode *inode = view(inode, get(file, f_inode));

	return get(view(super_block, get(inode, i_sb)), s_magic) == ANON_INODE_FS_MAGIC;
}

__attribute__((section("iter/task_file"), used))
int sockets(struct bpf_iter__task_file *ctx)
{
	struct frame f = {.seq = ctx->meta->seq};
	struct descriptor d = {.length = sizeof(d), .kind = DESCRIPTOR, .fd = ctx->fd};
	struct file *file = ctx->file;
	struct task_struct *task = ctx->task;
	struct socket *sock;
	struct sock *sk;

	if (!file || !task)
		return 0;
	sock = bpf_sock_from_file(file);
	f.file = view(file, file);
	task = view(task_struct, task);
	d.tgid = tgid_of(task);
	if (value_of(only_tgid) && d.tgid != value_of(only_tgid))
		return 0;
	if (!sock) {
		if (!anonymous(f.file))
			return 0;
		hold(&d, task, f.file);
		d.data = (u64)get(f.file, private_data);
		bpf_seq_write(f.seq, &d, sizeof(d));
		return 0;
	}
	sk = sock->sk;
	if (!sk)
		return 0;
	f.cookie = bpf_get_socket_cookie(sk);
	f.sock = view(sock, sk);
	f.queued = (void *)unknown_zero(f.cookie);
	if (!(value_of(states) >> get(f.sock, __sk_common.skc_state) & 1))
		return 0;
	hold(&d, task, f.file);
	sock = view(socket, sock);
	d.wait_head = (u64)&sock->wq.wait.head;
	d.wait_next = (u64)get(sock, wq.wait.head.next);
	d.epoll = (u64)get(f.file, f_ep);
	bpf_seq_write(f.seq, &d, sizeof(d));
	f.item = get(view(hlist_head, d.epoll), first);
	repeat(MAX_ITEMS, epoll_item, &f);
	repeat(1 + MAX_UNACCEPTED, describe, &f);
	return 0;
}

/* epoll_item writes the next registration of the file. An item that is being
 * removed may by now be another file's, and what follows it too.
 */
callback long epoll_item(u32 n, struct frame *f)
{
	struct epitem *item;

	if (!f->item)
		return 1;
	item = view(epitem, (u64)f->item - offset_of(((struct epitem *)0)->fllink));
	if (get(item, ffd.file) != f->file)
		return 1;
	f->item = get(item, fllink.next);
	struct epoll_item r = {
		.length = sizeof(r), .kind = EPOLL_ITEM,
		.set = (u64)get(item, ep), .next = (u64)f->item, .data = get(item, event.data),
		.events = get(item, event.events), .fd = get(item, ffd.fd),
	};
	bpf_seq_write(f->seq, &r, sizeof(r));
	return 0;
}

/* tools/bpfgen writes structs of Go after the types of these. */
struct descriptor descriptor;
struct epoll_item epoll_item_record;
struct sock_head sock_head;
struct tcp_part tcp_part;
struct mptcp_part mptcp_part;
struct unix_part unix_part;
