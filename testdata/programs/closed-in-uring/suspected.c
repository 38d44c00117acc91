/* A server that leaves a receive pending in io_uring and closes the
 * descriptor: the request keeps the socket, no FIN goes out, and the client
 * waits.
 *
 * Stands for: event loops on io_uring that close without cancelling.
 * In one look a registered file that is idle looks the same: a suspicion.
 * Fix: shutdown(fd, SHUT_RDWR) or IORING_OP_ASYNC_CANCEL before close(fd). */
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct io_uring_params params;
static int ring;
static char *queue;                /* the submission ring */
static struct io_uring_sqe *entry; /* its entries */

static int setup(void) {
    ring = syscall(SYS_io_uring_setup, 64, &params);
    if (ring < 0)
        return -1;
    queue = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(unsigned), PROT_READ | PROT_WRITE,
                 MAP_SHARED, ring, IORING_OFF_SQ_RING);
    entry = mmap(NULL, params.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    return queue == MAP_FAILED || entry == MAP_FAILED ? -1 : 0;
}

static void receive_later(int fd) {
    unsigned *tail = (unsigned *)(queue + params.sq_off.tail);
    unsigned mask = *(unsigned *)(queue + params.sq_off.ring_mask);
    unsigned slot = *tail & mask;
    struct io_uring_sqe *e = &entry[slot];
    memset(e, 0, sizeof *e);
    e->opcode = IORING_OP_RECV;
    e->fd = fd;
    e->addr = (unsigned long)malloc(64);
    e->len = 64;
    ((unsigned *)(queue + params.sq_off.array))[slot] = slot;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0);
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argc > 1 ? argv[1] : "0")),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (setup() || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        receive_later(fd);
        usleep(1000);
#ifdef FIXED
        shutdown(fd, SHUT_RDWR);
#endif
        close(fd);
    }
}
