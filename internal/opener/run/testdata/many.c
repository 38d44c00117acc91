/* many N opens and closes as many sockets; many other N makes as many other calls. */
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
		if (argc > 2)
			getppid();
		else
			close(dial());
	return 0;
}
