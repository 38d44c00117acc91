//go:build linux

package proc

import (
	"bytes"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// file is an open file of /proc. os.File would cost a second allocation, an
// fstat and an attempt to enter it into the runtime's poller.
type file int

// openAt opens the file name, relative to the directory dir, for reading.
func openAt(dir int, name string, flags int) (file, error) {
	for {
		fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
		if err == nil {
			return file(fd), nil
		}
		if err != unix.EINTR {
			return -1, &os.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

func open(path string, flags int) (file, error) { return openAt(unix.AT_FDCWD, path, flags) }

// Read implements io.Reader. Its errors are bare error numbers, to which the
// caller adds what it was that could not be read.
func (f file) Read(buf []byte) (int, error) {
	for {
		n, err := unix.Read(int(f), buf)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

func (f file) Close() error { return unix.Close(int(f)) }

// readAt fills buf from the position, which must be that of a whole range of
// readable memory when the file is /proc/PID/mem.
func (f file) readAt(buf []byte, position uint64) error {
	if position > 1<<63-1 {
		return unix.EFAULT
	}
	n, err := unix.Pread(int(f), buf, int64(position))
	if err == nil && n < len(buf) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readInto fills buf with the beginning of the file and returns the part that
// was filled. A file longer than buf is cut.
func (f file) readInto(buf []byte) ([]byte, error) {
	n := 0
	for n < len(buf) {
		m, err := f.Read(buf[n:])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		n += m
	}
	return buf[:n], nil
}

// readPath is readInto for a file by its path.
func readPath(path string, buf []byte) ([]byte, error) {
	return readWith(path, func(f file) ([]byte, error) { return f.readInto(buf) })
}

// readFile is os.ReadFile without what os.File costs: six more system calls for
// a file of /proc, to have the runtime's poller wait for what is always ready.
func readFile(path string) ([]byte, error) {
	return readWith(path, func(f file) ([]byte, error) { return io.ReadAll(f) })
}

// readWith opens a file by its path and names it in the errors of read.
func readWith(path string, read func(file) ([]byte, error)) ([]byte, error) {
	f, err := open(path, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := read(f)
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: path, Err: err}
	}
	return data, nil
}

// eachLineOf is eachLine for a file by its path.
func eachLineOf(path string, yield func(n int, line []byte) error) error {
	f, err := open(path, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return eachLine(f, path, yield)
}

// maxLine is longer than any line that the kernel writes into the files read
// here (the longest is a UNIX socket's, with a path of 108 bytes).
const maxLine = 16 << 10

// eachLine calls yield with every line of r, without its newline, and the
// line's number from 1. The line is valid until yield returns. name is for
// errors only. It ends at the first error that yield returns.
func eachLine(r io.Reader, name string, yield func(n int, line []byte) error) error {
	buf := make([]byte, maxLine)
	start, end, number := 0, 0, 0 // buf[start:end] is read and not yet handled
	for {
		if i := bytes.IndexByte(buf[start:end], '\n'); i >= 0 {
			number++
			if err := yield(number, buf[start:start+i]); err != nil {
				return err
			}
			start += i + 1
			continue
		}
		copy(buf, buf[start:end])
		start, end = 0, end-start
		if end == len(buf) {
			return &ParseError{Path: name, Line: number + 1, Why: "line too long"}
		}
		n, err := r.Read(buf[end:])
		end += n
		switch {
		case errors.Is(err, io.EOF) && end > 0:
			return &ParseError{Path: name, Line: number + 1, Why: "line is cut short"}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &os.PathError{Op: "read", Path: name, Err: err}
		}
	}
}
