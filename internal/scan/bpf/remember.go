//go:build linux

package bpf

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// What the program has to know of the kernel's types is a page of numbers,
// which stay what they are until the machine boots again. They are kept in a
// file, so that only the first look since then passes over the megabytes of
// BTF. What is read is believed only if it is whole, of this boot and written
// by this user; else it is as if it were not there.

// bootIDPath tells one boot of the machine, and so one kernel, from another.
const bootIDPath = "/proc/sys/kernel/random/boot_id"

// memory is the file, for one boot.
type memory struct{ path, bootID string }

// memoryIn returns the memory in a directory; ok is false when there is none.
func memoryIn(dir string) (m memory, ok bool) {
	if dir == "" {
		return memory{}, false
	}
	id, err := readShort(bootIDPath)
	return memory{filepath.Join(dir, "kernel-types"), strings.TrimSpace(id)}, err == nil
}

// recall returns what is remembered of the types.
func (m memory) recall() (*btf, bool) {
	text, err := readShort(m.path)
	if err != nil {
		return nil, false
	}
	return parseMemory(text, m.bootID)
}

// keep writes down what is known of the types. When it cannot, the next look
// takes a millisecond longer, which is no reason to say anything.
func (m memory) keep(k *btf) {
	if err := os.MkdirAll(filepath.Dir(m.path), 0o700); err != nil {
		return
	}
	os.Remove(m.path)
	f, err := os.OpenFile(m.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // another look is writing the same
	}
	io.WriteString(f, memoryText(k, m.bootID))
	f.Close()
}

// The most that is read of a file is three times what is written; the id of a
// boot is a UUID and a newline.
const (
	mostText   = 8 << 10
	bootIDSize = 37
)

// readShort reads a short file that nobody but this user or root can have
// written. It does without the runtime's poller, which os.File sets up.
func readShort(path string) (string, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return "", err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o022 != 0 || st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return "", errors.New("not a file of this user or of root")
	}
	text := make([]byte, min(max(st.Size, bootIDSize), mostText)) // files in /proc have no size
	n, err := unix.Read(fd, text)
	return string(text[:max(n, 0)]), err
}
