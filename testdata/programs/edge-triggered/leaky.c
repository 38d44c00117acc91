/* Edge-triggered epoll, one read() of 100 bytes per event: the rest of what
 * came, and the EOF behind it, is never reported again.
 *
 * Stands for: EPOLLET without reading until EAGAIN.
 * Fix: read in a loop until EAGAIN or 0, and close at 0. */
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
    char data[100];
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 64))
        return 1;
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        if (epoll_wait(set, &event, 1, -1) < 1)
            continue;
        if (event.data.fd == listener) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            struct epoll_event add = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
            epoll_ctl(set, EPOLL_CTL_ADD, fd, &add);
            continue;
        }
        ssize_t n = read(event.data.fd, data, sizeof data); /* wrong: only once */
#ifdef FIXED
        while (n > 0)
            n = read(event.data.fd, data, sizeof data);
#endif
        if (n == 0)
            close(event.data.fd);
    }
}
