/* A handler thread returns -1 on a bad request, and nobody closes its socket.
 *
 * Stands for: early returns in C that skip the close() at the bottom.
 * Fix: one exit (goto out) that closes, or close in the caller. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *arg) {
    int fd = (intptr_t)arg;
    char line[100];
    ssize_t n;
    while ((n = read(fd, line, sizeof line)) > 0) {
        if (line[0] < '0' || line[0] > '9')
#ifdef FIXED
            break;
#else
            return NULL; /* wrong: skips close(fd) */
#endif
        write(fd, line, n);
    }
    close(fd);
    return NULL;
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    for (;;) {
        pthread_t thread;
        intptr_t fd = accept(listener, NULL, NULL);
        if (fd >= 0 && !pthread_create(&thread, NULL, serve, (void *)fd))
            pthread_detach(thread);
    }
}
