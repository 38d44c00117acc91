/* A thread that waits in an io_uring for several sockets. It prints their inodes
 * by what waits for them. The ring has four entries: older ones are overwritten. */
#include <linux/io_uring.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct io_uring_params params;
static int ring;
static char *rings;
static struct io_uring_sqe *entries;
static volatile long kept;

static int ours[8], theirs[8], n;

static int open_socket(const char *role)
{
	struct stat st;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || fstat(pair[0], &st) < 0)
		exit(1);
	printf("%s %lu\n", role, (unsigned long)st.st_ino);
	ours[n] = pair[0];
	theirs[n] = pair[1];
	return n++;
}

/* submit submits a request, which its number tells apart. */
static void submit(int operation, int fd, unsigned long number)
{
	static char junk[64];
	unsigned *tail = (unsigned *)(rings + params.sq_off.tail);
	unsigned slot = *tail & *(unsigned *)(rings + params.sq_off.ring_mask);
	struct io_uring_sqe *e = &entries[slot];

	memset(e, 0, sizeof *e);
	e->opcode = operation;
	e->fd = fd;
	e->user_data = number;
	if (operation == IORING_OP_POLL_ADD) {
		e->poll32_events = POLLIN;
	} else {
		e->addr = (unsigned long)junk;
		e->len = sizeof junk;
	}
	((unsigned *)(rings + params.sq_off.array))[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) != 1)
		exit(2);
}

/* await waits for as many answers, and takes none. */
static void await(unsigned answers)
{
	long got = syscall(SYS_io_uring_enter, ring, 0, answers, IORING_ENTER_GETEVENTS, NULL, 0); /* waits: uring */

	kept += got;
}

int main(int argc, char **argv __attribute__((unused)))
{
	int recv, poll, answered, again;

	ring = syscall(SYS_io_uring_setup, 4, &params);
	if (ring < 0)
		return 77; /* not on this kernel */
	if (argc > 1)
		return 0;
	rings = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe) + params.sq_entries * 4,
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, params.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || entries == MAP_FAILED)
		return 1;
	answered = open_socket("answered");
	submit(IORING_OP_RECV, ours[answered], 1);
	if (write(theirs[answered], "x", 1) != 1)
		return 1;
	await(1);
	again = open_socket("again");
	submit(IORING_OP_RECV, ours[again], 2);
	if (write(theirs[again], "x", 1) != 1)
		return 1;
	await(2);
	submit(IORING_OP_RECV, ours[again], 2); /* with the number of one that was answered */
	recv = open_socket("recv");
	submit(IORING_OP_RECV, ours[recv], 3);
	poll = open_socket("poll");
	submit(IORING_OP_POLL_ADD, ours[poll], 4);
	open_socket("nobody");
	puts("ready");
	fflush(stdout);
	await(3);
	return 0;
}
