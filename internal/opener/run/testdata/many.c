/* Opens and closes as many sockets as its argument says. */
#include <stdlib.h>
#include <unistd.h>
#include <sys/socket.h>

__attribute__((noinline)) int dial(void)
{
	volatile int s = socket(AF_INET, SOCK_STREAM, 0);
	return s;
}

int main(int argc, char **argv)
{
	for (int n = atoi(argv[argc - 1]); n > 0; n--)
		close(dial());
	return 0;
}
