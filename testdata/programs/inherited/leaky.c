/* accept() without SOCK_CLOEXEC, then fork() and exec() of a long job.
 *
 * Stands for: C servers that start helpers. The server closes its connection,
 * the helper still holds it and does not know.
 * Fix: accept4(..., SOCK_CLOEXEC). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    for (;;) {
        char line[100];
        int fd = accept(listener, NULL, NULL); /* wrong: no SOCK_CLOEXEC */
        read(fd, line, sizeof line);
        if (fork() == 0) {
            execlp("sleep", "sleep", "120", NULL);
            _exit(127);
        }
        write(fd, "started\n", 8);
        close(fd);
    }
}
