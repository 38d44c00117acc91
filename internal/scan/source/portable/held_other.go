//go:build !linux

package portable

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/sockleak/sockleak/internal/socket"
)

// held returns no inodes, which only Linux shows. The system's own tools say
// nothing of the sockets of another user's process, and do not call that an
// error; on Windows the tables are everybody's.
func held(p *socket.Process) (map[int32]uint64, error) {
	if self := os.Geteuid(); runtime.GOOS != "windows" && self != 0 && uint32(self) != p.UID {
		return nil, fmt.Errorf("sockets of user %d: %w", p.UID, fs.ErrPermission)
	}
	return nil, nil
}
