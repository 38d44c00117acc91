/* A level-triggered epoll loop ignores read() == 0: epoll reports the EOF
 * again and again, and the loop burns a processor.
 *
 * Stands for: event loops that treat 0 like EAGAIN.
 * Fix: close(fd) when read() returns 0. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    char data[4096];
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        if (epoll_wait(set, &event, 1, -1) < 1)
            continue;
        if (event.data.fd == listener) {
            struct epoll_event add = {.events = EPOLLIN, .data.fd = accept(listener, NULL, NULL)};
            epoll_ctl(set, EPOLL_CTL_ADD, add.data.fd, &add);
            continue;
        }
        ssize_t n = read(event.data.fd, data, sizeof data);
#ifdef FIXED
        if (n <= 0)
            close(event.data.fd);
#else
        if (n < 0) /* wrong: 0 is not handled */
            close(event.data.fd);
#endif
    }
}
