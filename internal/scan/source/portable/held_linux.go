package portable

import (
	"bytes"
	"errors"
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
	if len(list) == 0 && leaderless(p.ID.PID) {
		return nil, errLeaderless
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

// errLeaderless: what a process holds is gone from /proc/PID when its thread
// leader ends before other threads, and gopsutil does not look further.
var errLeaderless = errors.New("its thread leader has ended before other threads")

// leaderless reports whether the thread leader is a zombie, by field 3 of
// /proc/PID/stat.
func leaderless(pid int) bool {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" Z "))
}
