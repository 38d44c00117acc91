//go:build linux

package proc

import (
	"bytes"
	"io"
	"strings"
)

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
