//go:build linux

package proc

import (
	"os"
	"strconv"
	"time"
)

// Busy returns how long the threads of the process have run, or were ready to
// run and waited for a processor, together: the first two fields of
// /proc/PID/task/TID/schedstat (CONFIG_SCHED_INFO), in nanoseconds. Unlike
// the processor time it does not shrink on a crowded machine. Threads that
// have ended no longer count. It needs no privilege.
func (fs FS) Busy(pid int) (time.Duration, error) {
	tids, err := fs.threads(pid)
	if err != nil {
		return 0, fs.explain(pid, err)
	}
	var sum time.Duration
	for _, tid := range tids {
		path := fs.path(pid, "task/"+strconv.Itoa(tid)+"/schedstat")
		var buf [128]byte
		data, err := readPath(path, buf[:])
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return 0, fs.explain(pid, err)
		}
		ran, rest := nextField(data)
		waited, _ := nextField(rest)
		a, ok1 := parseUint(ran, 10)
		b, ok2 := parseUint(waited, 10)
		if !ok1 || !ok2 || a > 1<<62 || b > 1<<62 {
			return 0, &ParseError{Path: path, Line: 1, Why: "malformed times"}
		}
		sum += time.Duration(a) + time.Duration(b)
	}
	return sum, nil
}
