//go:build linux

package bpf

import "os"

// inInitialPidNS reports whether this process is in the initial pid namespace,
// by the link /proc/self/ns/pid. Its inode is PROC_PID_INIT_INO of
// include/linux/proc_ns.h.
func inInitialPidNS() bool {
	name, err := os.Readlink("/proc/self/ns/pid")
	return err == nil && name == "pid:[4026531836]"
}
