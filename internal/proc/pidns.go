//go:build linux

package proc

import "os"

// initialPIDNS is the inode of the machine's first pid namespace, PROC_PID_INIT_INO
// of include/linux/proc_ns.h.
const initialPIDNS = 0xEFFFFFFC

// SeesAll reports whether the directory has every process of the machine: whether
// we are in its first pid namespace, and no other user's process is hidden from us
// (hidepid of proc(5)). It needs no privilege to be asked, and CAP_SYS_PTRACE to
// be true.
func (fs FS) SeesAll() bool {
	link, err := os.Readlink(fs.root + "/self/ns/pid")
	id, ok := parseLink([]byte(link), "pid:[")
	return err == nil && ok && id == initialPIDNS && MayReadOthers()
}
