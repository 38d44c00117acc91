//go:build unix

package archive

import (
	"fmt"
	"os"
	"syscall"
)

// owner names the owner and mode of a directory that this user may not use.
func owner(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (it belongs to uid %d, mode %04o; this is uid %d)", st.Uid, info.Mode().Perm(), os.Geteuid())
}
