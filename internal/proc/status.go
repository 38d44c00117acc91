//go:build linux

package proc

import (
	"bytes"
	"math"
)

// The file is read of every process of the machine, so it is searched for the
// one line that is needed: github.com/prometheus/procfs parses all of them, which
// takes ten times as long.

// readUID returns the real user id from a status file (proc_pid_status(5)).
func readUID(path string) (uint32, error) {
	var buf [1024]byte // the line is the ninth
	data, err := readPath(path, buf[:])
	if err != nil {
		return 0, err
	}
	uid, ok := parseUID(data)
	if !ok {
		return 0, &ParseError{Path: path, Line: 1, Why: "no user id"}
	}
	return uid, nil
}

// parseUID finds the line "Uid: real effective saved filesystem". The process
// chooses its name, which stands above, but the kernel escapes newlines in it.
func parseUID(status []byte) (uid uint32, ok bool) {
	_, rest, found := bytes.Cut(status, []byte("\nUid:\t"))
	text, _, _ := bytes.Cut(rest, []byte("\t"))
	v, isNumber := parseUint(text, 10)
	return uint32(v), found && isNumber && v <= math.MaxUint32
}
