package sockleaktest

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// pollerEvents are what Go's poller registers for each descriptor
// (netpollopen in runtime/netpoll_epoll.go), and what the kernel adds.
const pollerEvents = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET | unix.EPOLLERR | unix.EPOLLHUP

// pollerSockets returns what this process's epoll sets hold that Go's poller
// may have put there (proc(5), /proc/PID/fdinfo). What cannot be read is left
// out: then it is not known who uses a socket.
func pollerSockets() (list []registration) {
	names, _ := os.ReadDir("/proc/self/fd")
	for _, name := range names {
		if target, err := os.Readlink("/proc/self/fd/" + name.Name()); err != nil || target != "anon_inode:[eventpoll]" {
			continue
		}
		f, err := os.Open("/proc/self/fdinfo/" + name.Name())
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if r, ok := parseRegistration(lines.Text()); ok {
				list = append(list, r)
			}
		}
		f.Close()
	}
	return list
}

// parseRegistration reads "tfd: 12 events: 8000201d data: 3f9cb6560b000001
// pos:0 ino:8ccb sdev:9", all but tfd in hexadecimal.
func parseRegistration(line string) (r registration, ok bool) {
	if !strings.HasPrefix(line, "tfd:") {
		return r, false
	}
	var fd, pos, events uint64
	n, _ := fmt.Sscanf(line, "tfd: %d events: %x data: %x pos:%d ino:%x", &fd, &events, &r.data, &pos, &r.inode)
	return r, n == 5 && events == pollerEvents
}
