/* A helper opens a socket for each ioctl and forgets to close it.
 *
 * Stands for: "get the address of eth0" functions that leak one descriptor
 * per call; ss(8) does not even list such sockets.
 * Fix: close(fd) on every path, or one socket for the life of the process. */
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int mtu_of(const char *name) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFMTU, &request) < 0)
        return -1;
    return request.ifr_mtu; /* wrong: fd is lost */
}

int main(void) {
    for (int i = 0;; i++) {
        mtu_of("lo");
        usleep(i < 20 ? 50000 : 2000000);
    }
}
