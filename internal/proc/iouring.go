//go:build linux

package proc

import (
	"bytes"
	"io"
)

// MapsIOURing reports whether the process has the rings of an io_uring(7) in its
// memory (/proc/PID/maps), where nearly every program has them. It costs as much
// as the process has mappings, however many descriptors there are. Another user's
// process needs CAP_SYS_PTRACE.
func (fs FS) MapsIOURing(pid int) (bool, error) {
	found := false
	err := fs.anyThread(pid, func(dir string) (bool, error) {
		lines := 0
		err := eachLineOf(dir+"/maps", func(_ int, line []byte) error {
			lines++
			if found = bytes.HasSuffix(line, []byte(" anon_inode:[io_uring]")); found {
				return io.EOF
			}
			return nil
		})
		if err == io.EOF {
			err = nil
		}
		return lines > 0, err
	})
	return found, err
}
