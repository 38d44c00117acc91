//go:build linux

package proc

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Root is where proc(5) says that the process information is mounted.
const Root = "/proc"

// FS is a mounted proc file system, or a recorded tree of one. It is safe for
// concurrent use.
type FS struct {
	root        string
	device      uint64 // of the proc file system; 0 for a recorded tree
	lib         procfs.FS
	bootTime    func() (time.Time, error)
	socketMount func() (uint64, error)
	freezers    func() (freezers, error)
	noMemory    bool // see WithoutMemory
}

// WithoutMemory returns a file system by which the memory of processes is not
// read, so that what poll(2) and select(2) wait for is not known.
func (fs FS) WithoutMemory() FS {
	fs.noMemory = true
	return fs
}

// New returns the proc file system mounted at root, usually /proc. It fails
// when root is not a directory that may be read.
func New(root string) (FS, error) {
	lib, err := procfs.NewFS(root)
	if err != nil {
		return FS{}, fmt.Errorf("open proc file system: %w (is it mounted?)", err)
	}
	device, err := procDevice(root)
	if err != nil {
		return FS{}, fmt.Errorf("open proc file system: %w", err)
	}
	return FS{
		root:        root,
		device:      device,
		lib:         lib,
		bootTime:    sync.OnceValues(func() (time.Time, error) { return bootTime(lib, device != 0) }),
		socketMount: sync.OnceValues(func() (uint64, error) { return socketMount(root) }),
		freezers:    sync.OnceValues(func() (freezers, error) { return readFreezers(root) }),
	}, nil
}

// procDevice returns the device number of the file system at root if it is a
// proc file system, and else 0.
func procDevice(root string) (uint64, error) {
	var super unix.Statfs_t
	if err := unix.Statfs(root, &super); err != nil || super.Type != unix.PROC_SUPER_MAGIC {
		return 0, err
	}
	var st unix.Stat_t
	err := unix.Stat(root, &st)
	return st.Dev, err
}

// bootTime returns when the machine was booted, in whole seconds: the btime line
// of /proc/stat. On the machine itself the clocks have it without the file, in
// which the kernel sums up all interrupts of all processors; in a time namespace
// both are shifted, as the start times of processes are (time_namespaces(7)).
func bootTime(lib procfs.FS, live bool) (time.Time, error) {
	if live {
		return bootTimeByClocks()
	}
	stat, err := lib.Stat()
	if err != nil {
		return time.Time{}, fmt.Errorf("read boot time: %w", err)
	}
	if stat.BootTime == 0 || stat.BootTime > 1<<40 {
		return time.Time{}, errors.New("read boot time: no btime line in the stat file")
	}
	return time.Unix(int64(stat.BootTime), 0), nil
}

func bootTimeByClocks() (time.Time, error) {
	var now, since unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_REALTIME, &now)
	if err == nil {
		err = unix.ClockGettime(unix.CLOCK_BOOTTIME, &since)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read boot time: clock_gettime: %w", err)
	}
	return time.Unix(0, now.Nano()-since.Nano()).Truncate(time.Second), nil
}

// PIDs returns the process ids of the directory, in ascending order. Under
// hidepid (proc(5)) those of other users are missing without a trace.
func (fs FS) PIDs() ([]int, error) {
	return readPIDs(fs.root)
}

// Self returns the pid of this process as the file system numbers processes; 0
// when it does not show this process. It is not that of getpid(2) where the
// file system belongs to another pid namespace, as under nsenter -p: then the
// kernel's calls know the processes by other numbers.
func (fs FS) Self() int {
	link, err := os.Readlink(fs.root + "/self")
	pid, ok := parseUint([]byte(link), 10)
	if err != nil || !ok || pid > 1<<31-1 {
		return 0
	}
	return int(pid)
}

// ErrForeign: the file system numbers processes as another pid namespace does.
var ErrForeign = errors.New("/proc belongs to another pid namespace; enter its mount namespace too (nsenter -m -p)")

// SameNumbers returns ErrForeign where the kernel's own calls know the
// processes by other numbers than the file system.
func (fs FS) SameNumbers() error {
	if fs.Self() != os.Getpid() {
		return ErrForeign
	}
	return nil
}

// Hides reports whether processes are hidden from the caller (hidepid of
// proc(5)): there is a process 1 in every pid namespace, and it is not shown.
func (fs FS) Hides() bool {
	_, err := os.Stat(fs.path(1, ""))
	return errors.Is(err, os.ErrNotExist)
}

// readPIDs returns the numeric names in dir, in ascending order.
func readPIDs(dir string) ([]int, error) {
	var pids []int
	err := eachEntry(dir, func(_ file, _ []byte, pid int32) error {
		if pid > 0 {
			pids = append(pids, int(pid))
		}
		return nil
	})
	slices.Sort(pids)
	return pids, err
}

// BootID returns what tells one boot of the machine from another, from
// /proc/sys/kernel/random/boot_id; "" when it cannot be read. It needs no
// privilege.
func (fs FS) BootID() string {
	id, err := readFile(fs.root + "/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// path returns the path of the process's directory, joined with that of a
// file in it.
func (fs FS) path(pid int, name string) string {
	return fs.root + "/" + strconv.Itoa(pid) + "/" + name
}
