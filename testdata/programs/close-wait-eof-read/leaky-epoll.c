/* An epoll server takes a connection out of its set at EOF and never closes it.
 *
 * Stands for: event loops where "stop watching" is mistaken for "close".
 * Fix: close(fd); that also removes it from the epoll set. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int set, int fd) {
    char data[4096];
    ssize_t n = read(fd, data, sizeof data);
    if (n > 0)
        write(fd, data, n);
    else
#ifdef FIXED
        close(fd);
#else
        epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL); /* wrong: no close(fd) */
#endif
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        if (epoll_wait(set, &event, 1, -1) < 1)
            continue;
        if (event.data.fd != listener) {
            serve(set, event.data.fd);
            continue;
        }
        struct epoll_event add = {.events = EPOLLIN, .data.fd = accept(listener, NULL, NULL)};
        epoll_ctl(set, EPOLL_CTL_ADD, add.data.fd, &add);
    }
}
