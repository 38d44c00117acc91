//go:build unix

package settings

import (
	"fmt"
	"os"
	"syscall"
)

// Trusted returns a ForeignError when somebody else than this user and root
// owns the file. A file that is found in the working directory may come from
// anybody, such as with the repository of a stranger; it must not decide what
// is a leak.
func Trusted(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if self := os.Getuid(); ok && st.Uid != 0 && int64(st.Uid) != int64(self) {
		return &ForeignError{name, fmt.Sprintf("uid %d owns it, and this is uid %d", st.Uid, self)}
	}
	return nil
}
