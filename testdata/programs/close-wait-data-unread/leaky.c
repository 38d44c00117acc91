/* A metrics client sends its line, never reads the answer, never closes.
 *
 * Stands for: write-only clients of protocols that do answer.
 * Fix: close(fd) after the answer. */
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
        if (connect(fd, (void *)&to, sizeof to) == 0)
            write(fd, "30", 2); /* wrong: and then fd is forgotten */
        usleep(i < 10 ? 50000 : 2000000);
    }
}
