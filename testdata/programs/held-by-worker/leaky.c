/* A fork server: the child serves, closes and ends; the parent forgets its
 * own copy of the descriptor.
 *
 * Stands for: the oldest of fork-server bugs; the client never sees EOF.
 * Fix: close(fd) in the parent, right after fork(). */
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int fd) {
    char line[100];
    ssize_t n = read(fd, line, sizeof line);
    write(fd, line, n > 0 ? n : 0);
    close(fd);
    _exit(0);
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fork() == 0)
            serve(fd);
#ifdef FIXED
        close(fd); /* missing, the parent holds every connection for ever */
#endif
    }
}
