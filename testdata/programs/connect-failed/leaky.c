/* connect() is refused, and the function returns -1 without close(fd).
 *
 * Stands for: the early return of many C client libraries.
 * Fix: close(fd) before return -1. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (void *)&to, sizeof to) < 0)
        return -1; /* wrong: fd is lost */
    return fd;
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 1;
    for (int i = 0;; i++) {
        dial(atoi(argv[1]));
        usleep(i < 15 ? 50000 : 2000000);
    }
}
