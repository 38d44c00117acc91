/* A client ends each of its connections with shutdown() only.
 *
 * Stands for: C libraries whose disconnect() does shutdown(fd, SHUT_WR) and
 * forgets close(fd); the server keeps its end open.
 * Fix: close(fd) as well. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 2)
        return 1;
    for (int i = 0;; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        if (connect(fd, (void *)&to, sizeof to) == 0) {
            write(fd, "hello\n", 6);
            shutdown(fd, SHUT_WR); /* wrong: not close(fd) */
        }
        usleep(i < 10 ? 50000 : 2000000);
    }
}
