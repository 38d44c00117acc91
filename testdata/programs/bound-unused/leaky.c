/* Ports are "reserved" with bind() and never listened on, used or released.
 *
 * Stands for: port allocators (media servers, test harnesses) that lose the
 * sockets they reserve ports with.
 * Fix: close(fd) when the port is handed out or the session ends. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static void reserve(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(fd, (void *)&any, sizeof any); /* wrong: fd is lost, the port taken */
}

int main(void) {
    for (int i = 0;; i++) {
        reserve();
        usleep(i < 20 ? 50000 : 2000000);
    }
}
