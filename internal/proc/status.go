//go:build linux

package proc

import (
	"bytes"
	"io"
	"math"
	"strings"
)

// The files that follow are read of every process of the machine, so each is
// searched for what is needed rather than parsed: github.com/prometheus/procfs
// matches every line of limits with a regular expression, which for 500
// processes takes longer than to read their sockets.

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

// readFDLimit returns the soft RLIMIT_NOFILE from a limits file, which unlike
// prlimit(2) may be read of any process.
func readFDLimit(path string) (uint64, error) {
	var buf [4096]byte
	data, err := readPath(path, buf[:])
	if err != nil {
		return 0, err
	}
	limit, ok := parseFDLimit(data)
	if !ok {
		return 0, &ParseError{Path: path, Line: 1, Why: "no limit of open files"}
	}
	return limit, nil
}

// parseFDLimit finds the line "Max open files  SOFT  HARD  files".
func parseFDLimit(limits []byte) (limit uint64, ok bool) {
	_, rest, found := bytes.Cut(limits, []byte("\nMax open files "))
	text, _ := nextField(rest)
	if string(text) == "unlimited" {
		return math.MaxUint64, found
	}
	v, isNumber := parseUint(text, 10)
	return v, found && isNumber
}

// What is read of a command line. The kernel's own limit is a quarter of the
// stack's (execve(2)), and the process may overwrite it with whatever it likes.
const (
	maxArgs    = 4 << 10   // kept with a process
	maxPattern = 256 << 10 // only searched for a name: the class of a Java program comes last
)

// readArgs returns the first most bytes of the command line from a cmdline
// file, in which every argument ends with a NUL unless the process has
// overwritten them. What was cut off is marked by an ellipsis.
func readArgs(path string, most int) ([]string, error) {
	f, err := open(path, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil || len(data) == 0 {
		return nil, err
	}
	if len(data) > most {
		data = append(data[:most], "…"...)
	}
	return strings.Split(string(bytes.TrimRight(data, "\x00")), "\x00"), nil
}
