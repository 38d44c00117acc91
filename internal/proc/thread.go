//go:build linux

package proc

import (
	"fmt"
	"strconv"
)

// anyThread calls try with the directory of the process, and while try does
// not return true and only if the thread leader has ended before other
// threads, with the directories of those threads: what belongs to a leader
// that has ended (descriptors, namespaces, memory) is gone from /proc/PID, but
// its threads still share it. It returns the error of the last try, or
// ErrGone when the whole process has ended.
func (fs FS) anyThread(pid int, try func(dir string) (done bool, err error)) error {
	done, err := try(fs.root + "/" + strconv.Itoa(pid))
	if done {
		return fs.explain(pid, err)
	}
	stat, statErr := fs.Stat(pid)
	if statErr != nil {
		return statErr
	}
	switch {
	case stat.Ended() && err != nil:
		return fmt.Errorf("pid %d has ended: %w", pid, ErrGone)
	case stat.Ended() || !stat.Zombie():
		return fs.explain(pid, err)
	}
	tids, err := fs.threads(pid)
	if err != nil {
		return fs.explain(pid, err)
	}
	for _, tid := range tids {
		if tid == pid {
			continue
		}
		if done, err = try(fs.path(pid, "task/"+strconv.Itoa(tid))); done {
			break
		}
	}
	return fs.explain(pid, err)
}

// threads returns the ids of the process's threads (/proc/PID/task), its own
// pid included.
func (fs FS) threads(pid int) ([]int, error) {
	return readPIDs(fs.path(pid, "task"))
}

// threadEnded reports whether a thread has ended and is not yet reaped. Its
// files then belong to root: to its own user they are a permission error.
func (fs FS) threadEnded(pid, tid int) bool {
	fs.root = fs.path(pid, "task") // which has the same files by tid
	stat, err := fs.Stat(tid)
	return err == nil && stat.Zombie()
}
