/* Prints the inode of each of its sockets, and which line has opened it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int pair[2];

__attribute__((noinline)) int dial(int domain)
{
	volatile char scratch[700];
	scratch[domain] = 0;
	int s = socket(domain, SOCK_STREAM, 0); /* opens dial */
	return s + scratch[domain];
}

static int compare(const void *a, const void *b)
{
	static int once;
	if (!once++)
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair); /* opens pair */
	return *(int *)a - *(int *)b;
}

static void print(int fd, const char *name)
{
	struct stat st;
	fstat(fd, &st);
	printf("%ld %s\n", (long)st.st_ino, name);
}

int main(void)
{
	int sorted[] = {3, 1, 2};
	print(dial(AF_INET), "dial");
	qsort(sorted, 3, sizeof(int), compare); /* called back out of the C library */
	print(pair[0], "pair");
	print(pair[1], "pair");
	return 0;
}
