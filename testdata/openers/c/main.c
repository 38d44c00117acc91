/* A program that opens sockets, each at a line of its own, once a line comes on
 * stdin. It prints their inodes by how they were opened. Compiled without frame
 * pointers.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};

static void print(const char *role, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		exit(1);
	printf("%s %lu\n", role, (unsigned long)st.st_ino);
}

static __attribute__((noinline)) int dial(int type)
{
	int fd = socket(AF_INET, type, 0); /* opens: dial */

	if (type == SOCK_STREAM && connect(fd, (struct sockaddr *)&address, sizeof(address)))
		exit(1);
	return fd;
}

static __attribute__((noinline)) int lookup(int deep)
{
	volatile char room[512]; /* of each frame */

	room[deep] = 1;
	if (deep)
		return lookup(deep - 1) + room[deep] - 1;
	return dial(SOCK_STREAM) + room[deep] - 1;
}

static __attribute__((noinline)) int serve(int listener)
{
	int fd = accept(listener, 0, 0); /* opens: accept */

	print("accept", fd);
	return fd;
}

static void *thread(void *listener)
{
	return (void *)(long)serve(*(int *)listener);
}

int main(void)
{
	socklen_t size = sizeof(address);
	int listener, pair[2];
	pthread_t id;

	getchar();
	listener = socket(AF_INET, SOCK_STREAM, 0); /* opens: listen */
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 8) ||
	    getsockname(listener, (struct sockaddr *)&address, &size))
		exit(1);
	print("listen", listener);
	pthread_create(&id, 0, thread, &listener);
	print("dial", lookup(8)); /* calls: dial */
	pthread_join(id, 0);
	print("udp", dial(SOCK_DGRAM)); /* calls: udp */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) /* opens: pair */
		exit(1);
	print("pair", pair[0]);
	print("pair", pair[1]);
	close(dial(SOCK_DGRAM));
	puts("ready");
	fflush(stdout);
	pause();
}
