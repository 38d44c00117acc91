/* What births.bpf.c and its reader in Go share, and the members of the kernel's
 * structures that are read: where they lie is filled in when the program is
 * loaded (CO-RE).
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef long long __s64;
typedef u16 __be16;
typedef u32 __be32;
typedef u64 __be64;
typedef u16 __sum16;
typedef u32 __wsum;

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_ANY = 0,
	BPF_F_NO_PREALLOC = 1,
	BPF_F_USER_STACK = 1 << 8,
};

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define inline static inline __attribute__((always_inline))

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inode {
	u16 i_mode;
	unsigned long i_ino;
};
struct counter64 {
	long counter;
};
struct file_ref {
	struct counter64 refcnt;
};
struct file {
	struct inode *f_inode;
	void *private_data;
	struct file_ref f_ref; /* since 6.13, counts from zero */
	struct counter64 f_count;
};
struct cookie {
	long counter;
};
struct sock_common {
	struct cookie skc_cookie;
};
struct socket {
	struct sock *sk;
};
struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
};
struct fdtable {
	u32 max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};
struct mm_struct {
	unsigned long start_stack;
};
struct thread_struct {
	unsigned long fsbase;
};
struct task_struct {
	s32 pid, tgid;
	struct task_struct *group_leader;
	u64 start_boottime;
	struct mm_struct *mm;
	struct files_struct *files;
	struct thread_struct thread;
};
struct pt_regs { /* arch/x86/include/asm/ptrace.h */
	unsigned long r15, r14, r13, r12, bp, bx, r10, cx, si, di, orig_ax, ip, sp;
	u16 cs;
};

#pragma clang attribute pop

/* How the stacks of a program are read. */
enum kind {
	KIND_NONE,   /* not at all */
	KIND_NATIVE, /* a copy, with the registers */
	KIND_GO,     /* by frame pointers */
	KIND_PYTHON, /* the interpreter's frames */
};

enum {
	MAX_WORDS = 1024, /* of a stack that are copied */
	PART = 16,
	MAX_FRAMES = 64,
	MAX_ANCESTORS = 3, /* goroutines that wait for each other */
	MAX_STARTS = 12,
	MAX_GOROUTINES = 1 << 14, /* that are searched for one */
	MAX_THREADS = 1 << 12,	  /* of an interpreter, the same */
};

/* Where runtime.g and friends have what is read of a Go program. */
struct golang {
	u64 allgs; /* address of runtime.allgs; 0 where it is not known */
	u32 status, goid, pc, bp, gopc, padding;
	u64 starts[MAX_STARTS]; /* of goroutines whose parent waits for them */
};

/* Where a CPython interpreter has what is read of it. */
struct python {
	u64 runtime;
	u32 interpreters, interpreter_next, threads, thread_next, pthread;
	u32 cframe; /* 0 where frame is in the thread state */
	u32 frame, previous, code, instruction;
};

/* A program: what an execve(2) has begun. */
struct image {
	enum kind kind;
	u32 padding;
	u64 code_low[2], code_high[2]; /* where instructions are mapped: the program's, its libraries' */
	struct golang golang;
	struct python python;
};

/* How a process came to a socket. */
struct birth {
	u64 sock, inode, cookie;
	u64 at;	   /* CLOCK_BOOTTIME in ns, as all times here */
	u64 state; /* when it came into its state; 0 when that was before */
	u64 image, stack;
	u64 started; /* the process */
	u32 tgid, tid;
	u32 call;	   /* number of the system call */
	u32 answers;	   /* to what went the other way */
	u32 takings;	   /* times that it was taken up after a silence */
	u32 taking;	   /* bytes since then, as far as they matter */
	u32 left;	   /* process that closed its descriptor while others kept theirs */
	u8 first, last;	   /* directions of data: 1 out, 2 in */
	u8 now, before;	   /* states, of include/net/tcp_states.h; 0 where not seen */
	u64 moved;	   /* when data last did */
	u64 left_started, left_at;
	char name[16];	   /* of the thread */
};

/* A stack that was not seen before. */
struct stack {
	u64 key, image;
	u32 tgid, tid;
	enum kind kind;
	u32 words;
	u64 creator; /* of the goroutine: return address of the go statement */
	u64 ip, sp, bp, bx, r12, r13, r14, r15;
	u64 data[MAX_WORDS];
};

enum count { BIRTHS, MAP_FULL, RING_FULL, COPIES, DEATHS, COUNTS };
