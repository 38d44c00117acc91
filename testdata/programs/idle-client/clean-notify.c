/* LISTEN/NOTIFY: eight connections in one poll() without a timeout. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct pollfd watched[8];
    char data[100];
    for (int i = 0; i < 8; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        watched[i] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
        if (argc < 2 || connect(watched[i].fd, (void *)&to, sizeof to))
            return 1;
        write(watched[i].fd, "LISTEN\n", 7);
    }
    while (poll(watched, 8, -1) > 0)
        for (int i = 0; i < 8; i++)
            if (watched[i].revents && read(watched[i].fd, data, sizeof data) <= 0)
                return 0;
    return 0;
}
