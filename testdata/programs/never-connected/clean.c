/* One socket for ioctls, one for netlink, and one that is opened and closed
 * for each call: unconnected by design. */
#include <linux/netlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    int keep = socket(AF_INET, SOCK_DGRAM, 0), route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct ifreq request = {.ifr_name = "lo"};
    if (keep < 0 || route < 0)
        return 1;
    for (;;) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        ioctl(keep, SIOCGIFMTU, &request);
        ioctl(fd, SIOCGIFFLAGS, &request);
        close(fd);
        usleep(100000);
    }
}
