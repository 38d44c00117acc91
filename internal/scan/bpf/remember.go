//go:build linux

package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// The program is assembled by megabytes of BTF, and stays what it is until the
// machine boots again or sockleak is replaced. It is kept in a file of a few
// thousand bytes, so that only the first look has that work. What is read is
// believed only if it is whole, written by this user, of this boot and by this
// very binary; else it is as if it were not there.

// bootIDPath tells one boot of the machine, and so one kernel, from another.
const bootIDPath = "/proc/sys/kernel/random/boot_id"

// memory is the file, and what it must begin with to be believed.
type memory struct{ path, key string }

// memoryIn returns the memory in a directory of a program that shows these
// states; ok is false when there is none.
func memoryIn(dir string, states socket.States) (m memory, ok bool) {
	if dir == "" {
		return memory{}, false
	}
	boot, err := readShort(bootIDPath)
	if err != nil {
		return memory{}, false
	}
	// A file that changes gets another change time, which cannot be set back.
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/exe", &st); err != nil {
		return memory{}, false
	}
	key := fmt.Sprintf("boot %sbinary %d %d %d %d\nstates %d\ninitial-pid-namespace %t\n",
		boot, st.Dev, st.Ino, st.Size, st.Ctim.Nano(), states, inInitialPidNS())
	// Each has a file of its own, so that two versions can be used by turns.
	return memory{filepath.Join(dir, "program-"+strconv.FormatUint(uint64(sum(key)), 16)), key}, true
}

// recall returns the program that is remembered.
func (m memory) recall() (assembled, bool) {
	text, err := readShort(m.path)
	if err != nil {
		return assembled{}, false
	}
	return parseMemory(text, m.key)
}

// keep writes the program down. When it cannot, the next look takes a
// millisecond longer, which is no reason to say anything.
func (m memory) keep(a assembled) {
	if err := os.MkdirAll(filepath.Dir(m.path), 0o700); err != nil {
		return
	}
	m.makeRoom()
	f, err := os.OpenFile(m.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // another look is writing the same
	}
	io.WriteString(f, memoryText(m.key, a))
	f.Close()
}

// mostKept is how many versions of sockleak are remembered the program of.
const mostKept = 16

// makeRoom removes the file, and all others where they have become many: go run
// makes a new binary each time.
func (m memory) makeRoom() {
	os.Remove(m.path)
	dir := filepath.Dir(m.path)
	if others, _ := os.ReadDir(dir); len(others) >= mostKept {
		for _, e := range others {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// The most that is read of a file is three times what is written; the id of a
// boot is a UUID and a newline.
const (
	mostText   = 16 << 10
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
