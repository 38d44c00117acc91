/* Five sockets to servers that are down; each is tried again every three
 * seconds, on the same socket. What a leak of five looks like.
 *
 * Stands for: clients that call connect() again without closing. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int fds[5];
    if (argc < 2)
        return 1;
    for (int i = 0; i < 5; i++)
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (;;) {
        for (int i = 0; i < 5; i++)
            connect(fds[i], (void *)&to, sizeof to);
        sleep(3);
    }
}
