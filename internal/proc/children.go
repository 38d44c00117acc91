//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
	"strconv"
)

// Children returns the pids of the process's children, those of all its
// threads together (/proc/PID/task/TID/children, CONFIG_PROC_CHILDREN). It
// needs no privilege. Children that come or go meanwhile may be missed.
func (fs FS) Children(pid int) ([]int, error) {
	tids, err := fs.threads(pid)
	if err != nil {
		return nil, fs.explain(pid, err)
	}
	var pids []int
	for _, tid := range tids {
		data, err := readFile(fs.path(pid, "task/"+strconv.Itoa(tid)+"/children"))
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread has ended
		}
		if err != nil {
			return pids, fs.explain(pid, err)
		}
		for word := range bytes.FieldsSeq(data) {
			if child, ok := parseUint(word, 10); ok {
				pids = append(pids, int(child))
			}
		}
	}
	return pids, nil
}
