/* Answers each connection with what it gets, and closes it. A tenth of a page of
 * frames is below each accept(), as in a program that does more than that.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;

static __attribute__((noinline)) void serve(void)
{
	char buf[64];
	int fd = accept(listener, 0, 0);
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n > 0)
		send(fd, buf, n, MSG_NOSIGNAL);
	close(fd);
}

static __attribute__((noinline)) void below(int frames)
{
	volatile char room[256];

	room[0] = 1;
	if (frames)
		below(frames - 1);
	else
		serve();
	room[0] = 0;
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 512) || getsockname(listener, (struct sockaddr *)&address, &size))
		return 1;
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;)
		below(10);
}
