package portable

import (
	"os"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// held returns the inodes of the sockets that the process holds, by descriptor:
// the links in /proc/PID/fd. gopsutil does not give them, takes a directory
// that may not be read for an empty one, and of UNIX sockets without a path
// names a single one. Another user's process needs CAP_SYS_PTRACE and
// CAP_DAC_READ_SEARCH.
func held(p *socket.Process) (map[int32]uint64, error) {
	dir := "/proc/" + strconv.Itoa(p.ID.PID) + "/fd"
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	inodes := map[int32]uint64{}
	for _, entry := range list {
		link, err := os.Readlink(dir + "/" + entry.Name())
		if os.IsPermission(err) {
			return nil, err
		}
		text, ok := strings.CutPrefix(link, "socket:[")
		if err != nil || !ok {
			continue // closed since, or no socket
		}
		fd, fdErr := strconv.ParseInt(entry.Name(), 10, 32)
		inode, inodeErr := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 64)
		if fdErr == nil && inodeErr == nil {
			inodes[int32(fd)] = inode
		}
	}
	return inodes, nil
}
