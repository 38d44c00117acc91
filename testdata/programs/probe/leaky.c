/* A client reads one line of each answer and forgets the descriptor.
 *
 * Stands for: close() missing on the success path.
 * Fix: close(fd) after the answer. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char probe(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char line[100] = "";
    if (connect(fd, (void *)&to, sizeof to) == 0) {
        write(fd, "ping\n", 5);
        read(fd, line, sizeof line);
    }
    return line[0]; /* wrong: fd is lost */
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 1;
    for (int i = 0;; i++) {
        probe(atoi(argv[1]));
        usleep(i < 12 ? 50000 : 1500000);
    }
}
