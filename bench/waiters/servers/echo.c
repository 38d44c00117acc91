/* An echo server with a thread for each connection. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void *echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char buf[64];
	long n;

	while ((n = recv(fd, buf, sizeof buf, 0)) > 0 && send(fd, buf, (size_t)n, 0) == n)
		;
	close(fd);
	return NULL;
}

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	pthread_t t;

	if (bind(listener, (struct sockaddr *)&at, len) < 0 || listen(listener, 4096) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0)
		return 1;
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	while ((fd = accept(listener, NULL, NULL)) >= 0)
		if (pthread_create(&t, NULL, echo, (void *)(intptr_t)fd) == 0)
			pthread_detach(t);
	return 1;
}
