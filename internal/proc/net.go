//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"

	"github.com/sockleak/sockleak/internal/socket"
)

// rowParser fills s from one row of a socket table and returns what is wrong
// with the row, or "". s holds what all rows of the table have in common, and
// nothing else. A parser leaves s.Presence unknown for a line to be skipped.
type rowParser func(row []byte, s *socket.Socket) (why string)

// table is one file in /proc/PID/net.
type table struct {
	name  string
	base  socket.Socket // what all of its rows have in common
	parse rowParser
}

// readTables reads the tables, which it takes from /proc/PID/net: /proc/net
// is the reader's own, and missing under subset=pid (proc(5)). A table that
// is missing belongs to a protocol that this kernel does not have, or has not
// loaded, and so has no sockets.
//
// The socket given to yield is valid until yield returns: it is the same for
// all rows, so that a table of any length takes no more memory than a row.
func (fs FS) readTables(pid int, tables []table, yield func(*socket.Socket) error) error {
	netns, _ := fs.NetNS(pid) // 0 when not known
	return fs.anyThread(pid, func(thread string) (bool, error) {
		dir := thread + "/net/"
		if _, err := os.Stat(dir + "dev"); err != nil {
			return false, err // every namespace has this file
		}
		for i := range tables {
			err := tables[i].read(dir+tables[i].name, netns, yield)
			if errors.Is(err, os.ErrNotExist) { // no such table, or no process any more?
				if _, err = os.Stat(dir + "dev"); err != nil {
					err = ErrGone
				}
			}
			if err != nil {
				return true, err
			}
		}
		return true, nil
	})
}

// read calls yield for every row of the table.
func (t *table) read(path string, netns uint64, yield func(*socket.Socket) error) error {
	s := new(socket.Socket)
	return eachLineOf(path, func(n int, line []byte) error {
		if n == 1 {
			return nil // the header
		}
		*s = t.base
		s.NetNS = netns
		if why := t.parse(line, s); why != "" {
			return &ParseError{Path: path, Line: n, Why: why}
		}
		if s.Presence == socket.PresenceUnknown {
			return nil
		}
		return yield(s)
	})
}

// nextField splits the first field off a row.
func nextField(row []byte) (field, rest []byte) {
	row = bytes.TrimLeft(row, " ")
	if i := bytes.IndexByte(row, ' '); i >= 0 {
		return row[:i], row[i:]
	}
	return row, nil
}

// splitFields fills fields with the first fields of a row and reports whether
// there were enough.
func splitFields(row []byte, fields [][]byte) bool {
	for i := range fields {
		fields[i], row = nextField(row)
	}
	return len(fields[len(fields)-1]) > 0
}
