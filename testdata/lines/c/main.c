/* Threads that wait, each at a line of its own. It prints the inodes of their
 * sockets by what waits for them. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sockaddr_in addr;
static volatile int kept;

static void report(const char *role, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		exit(1);
	printf("%s %lu\n", role, (unsigned long)st.st_ino);
}

static int dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0)
		exit(1);
	return fd;
}

static inline __attribute__((always_inline)) long fetch(int fd, char *buf, size_t n)
{
	long got = recv(fd, buf, n, 0); /* inlined: recv */

	kept = 1;
	return got;
}

__attribute__((noinline)) long session(int fd)
{
	char buf[4096];
	long n = fetch(fd, buf, sizeof buf); /* waits: recv */

	kept += buf[0];
	return n + 1;
}

static void *receiver(void *arg)
{
	long n = session(*(int *)arg); /* outer: recv */

	kept += n;
	return arg;
}

static void *selecter(void *arg)
{
	int fd = *(int *)arg, n;
	fd_set r;

	FD_ZERO(&r);
	FD_SET(fd, &r);
	n = select(fd + 1, &r, NULL, NULL, NULL); /* waits: select */
	kept += n;
	return arg;
}

static void *poller(void *arg)
{
	struct pollfd p[2] = { { -1, POLLIN, 0 }, { *(int *)arg, POLLIN, 0 } };
	int n = poll(p, 2, -1); /* waits: poll */

	kept += n;
	return arg;
}

static void *epoller(void *arg)
{
	struct epoll_event e = { .events = EPOLLIN };
	int set = epoll_create1(0), n;

	epoll_ctl(set, EPOLL_CTL_ADD, *(int *)arg, &e);
	n = epoll_wait(set, &e, 1, -1); /* waits: epoll */
	kept += n;
	return arg;
}

static void *accepter(void *arg)
{
	int n = accept(*(int *)arg, NULL, NULL); /* waits: accept */

	kept += n;
	return arg;
}

static void *sender(void *arg)
{
	static char junk[1 << 16];
	long n;

	do {
		n = send(*(int *)arg, junk, sizeof junk, 0); /* waits: send */
	} while (n > 0);
	return arg;
}

static int listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof addr;

	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = 0;
	if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, 16) < 0 || getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		exit(1);
	return fd;
}

int main(void)
{
	static const struct { const char *role; void *(*run)(void *); } jobs[] = {
		{ "recv", receiver }, { "select", selecter }, { "poll", poller }, { "epoll", epoller }, { "send", sender },
	};
	static int fds[8];
	pthread_t t;
	size_t i;

	fds[6] = listener();
	report("accept", fds[6]);
	pthread_create(&t, NULL, accepter, &fds[6]);
	fds[7] = listener();
	report("nobody", fds[7]);
	for (i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		fds[i] = dial();
		report(jobs[i].role, fds[i]);
		pthread_create(&t, NULL, jobs[i].run, &fds[i]);
	}
	puts("ready");
	fflush(stdout);
	sleep(3600);
	return 0;
}
