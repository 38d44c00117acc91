//go:build linux

package prog

import (
	"strconv"
	"syscall"
)

// The program is assembled by megabytes of BTF, and stays what it is until the
// machine boots again or sockleak is replaced. It is kept in a file of a few
// thousand bytes, so that only the first look has that work. What is read is
// believed only if it is whole, written by this user, of this boot and by this
// very binary; else it is as if it were not there.

// bootIDPath tells one boot of the machine, and so one kernel, from another.
const bootIDPath = "/proc/sys/kernel/random/boot_id"

// Memory is a file that remembers a program, and what it must begin with to be
// believed.
type Memory struct{ Path, Key string }

// In returns the memory in a directory; ok is false when there is none. It reads
// the boot's id, /proc/self/exe and /proc/self/ns/pid.
func In(dir string) (m Memory, ok bool) {
	if dir == "" {
		return Memory{}, false
	}
	boot, ok := readShort(bootIDPath)
	if !ok {
		return Memory{}, false
	}
	// A file that changes gets another change time, which cannot be set back.
	var st syscall.Stat_t
	if err := syscall.Stat("/proc/self/exe", &st); err != nil {
		return Memory{}, false
	}
	m.Key = "boot " + boot + "binary"
	for _, n := range []int64{int64(st.Dev), int64(st.Ino), st.Size, st.Ctim.Nano()} {
		m.Key += " " + strconv.FormatInt(n, 10)
	}
	m.Key += "\ninitial-pid-namespace " + strconv.FormatBool(InInitialPidNS()) + "\n"
	// Each has a file of its own, so that two versions can be used by turns.
	m.Path = dir + "/program-" + strconv.FormatUint(uint64(sum(m.Key)), 16)
	return m, true
}

// Recall returns the program that is remembered.
func (m Memory) Recall() (p Program, ok bool) {
	text, ok := readShort(m.Path)
	if !ok {
		return Program{}, false
	}
	return parse(text, m.Key)
}

// Text returns what a file that remembers the program has to contain.
func (m Memory) Text(p Program) string { return p.text(m.Key) }

// InInitialPidNS reports whether this process is in the initial pid namespace,
// by the link /proc/self/ns/pid. Its inode is PROC_PID_INIT_INO of
// include/linux/proc_ns.h.
func InInitialPidNS() bool {
	const initial = "pid:[4026531836]"
	name := make([]byte, len(initial)+1)
	n, err := syscall.Readlink("/proc/self/ns/pid", name)
	return err == nil && string(name[:n]) == initial
}

// The most that is read of a file is three times what is written; the id of a
// boot is a UUID and a newline.
const (
	mostText   = 16 << 10
	bootIDSize = 37
)

// readShort reads a short file that nobody but this user or root can have
// written. It does without the runtime's poller, which os.File sets up.
func readShort(path string) (text string, ok bool) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", false
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return "", false
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG || st.Mode&0o022 != 0 || st.Uid != 0 && int(st.Uid) != syscall.Geteuid() {
		return "", false
	}
	raw := make([]byte, min(max(st.Size, bootIDSize), mostText)) // files in /proc have no size
	n, err := syscall.Read(fd, raw)
	return string(raw[:max(n, 0)]), err == nil
}
