/* Makes sockets in each way that there is, one after the other, from threads, out of
 * the C library and deep in a recursion, and prints their inodes in that order. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static int listener, client, pair[2];

static void print(int fd, const char *name)
{
	struct stat st;
	fstat(fd, &st);
	printf("%ld %s\n", (long)st.st_ino, name);
}

static int listens(void)
{
	socklen_t size = sizeof address;
	int s = socket(AF_INET, SOCK_STREAM, 0);
	bind(s, (struct sockaddr *)&address, size);
	listen(s, 5);
	getsockname(s, (struct sockaddr *)&address, &size);
	return s;
}

static void *connects(void *unused)
{
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, (struct sockaddr *)&address, sizeof address);
	return unused;
}

static int accepts(int flags) { return flags ? accept4(listener, 0, 0, flags) : accept(listener, 0, 0); }

static int compare(const void *a, const void *b)
{
	if (pair[0] == 0)
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	return *(int *)a - *(int *)b;
}

static int deep(int n)
{
	volatile char frame[100];
	frame[n] = 0;
	return (n ? deep(n - 1) : socket(AF_INET6, SOCK_DGRAM, 0)) + frame[n];
}

static void in_thread(void)
{
	pthread_t t;
	pthread_create(&t, 0, connects, 0);
	pthread_join(t, 0);
}

int main(void)
{
	int sorted[] = {3, 1, 2};
	print(listener = listens(), "listener");
	in_thread();
	print(client, "client");
	print(accepts(SOCK_CLOEXEC), "accept4");
	in_thread();
	print(client, "client");
	print(accepts(0), "accept");
	qsort(sorted, 3, sizeof(int), compare);
	print(pair[0], "pair");
	print(deep(20), "deep");
	return 0;
}
