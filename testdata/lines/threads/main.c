/* Very many threads that wait for one socket: threads THREADS. It prints its inode,
 * and "few" where not as many could be started. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile long kept;

static void *receiver(void *arg)
{
	char c;
	long n = recv(*(int *)arg, &c, 1, 0); /* waits: recv */

	kept += n;
	return arg;
}

int main(int argc, char **argv)
{
	int pair[2], n = argc > 1 ? atoi(argv[1]) : 1;
	pthread_attr_t attr;
	struct stat st;
	pthread_t t;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || fstat(pair[0], &st) < 0)
		return 1;
	printf("recv %lu\n", (unsigned long)st.st_ino);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	while (n > 0 && pthread_create(&t, &attr, receiver, &pair[0]) == 0)
		n--;
	if (n > 0)
		printf("few %lu\n", (unsigned long)st.st_ino);
	puts("ready");
	fflush(stdout);
	sleep(3600);
	return 0;
}
