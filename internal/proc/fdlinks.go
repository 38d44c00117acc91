//go:build linux

package proc

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// maxHoles is how many numbers in a row may not be in use before the rest of a
// descriptor table is listed rather than tried.
const maxHoles = 8

// readLinks reads every link in a directory /proc/PID/fd, without allocating
// for each. Descriptors are numbered without many gaps, so that most are found
// by their numbers, which saves the kernel from listing them, an eighth of the
// cost of all. Where the numbers that are in use end, or have many gaps, the listing
// takes over, for it misses none.
func (fs FS) readLinks(path string, yield func(Descriptor)) (total int, err error) {
	dir, err := open(path, unix.O_DIRECTORY)
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	r := linkReader{path: path, yield: yield}
	if fs.numbersDescriptors(dir) {
		next, err := r.byNumber(dir)
		if err != nil {
			return r.total, err
		}
		// The position of the listing is the descriptor's number and 2 for
		// "." and ".." (proc_readfd_common in fs/proc/fd.c).
		if _, err := unix.Seek(int(dir), int64(next)+2, unix.SEEK_SET); err != nil {
			return r.total, &os.PathError{Op: "seek", Path: path, Err: err}
		}
	}
	err = dir.eachEntry(path, r.read)
	return r.total, err
}

// numbersDescriptors reports whether it is a real directory of descriptors,
// not one of a recorded tree.
func (fs FS) numbersDescriptors(dir file) bool {
	var st unix.Stat_t
	return unix.Fstat(int(dir), &st) == nil && fs.device != 0 && st.Dev == fs.device
}

// linkReader reads links and counts those that were there.
type linkReader struct {
	path  string
	yield func(Descriptor)
	total int
	buf   [64]byte // longer links are cut, and are no sockets
}

// byNumber reads the links 0, 1, 2 and so on up to maxHoles in a row that are
// not there, and returns the number of the next.
func (r *linkReader) byNumber(dir file) (next int32, err error) {
	var text [12]byte
	for last := -1; next < 1<<30; next++ {
		name := append(strconv.AppendInt(text[:0], int64(next), 10), 0)
		before := r.total
		if err := r.read(dir, name, next); err != nil {
			return next, err
		}
		if r.total > before {
			last = int(next)
		}
		if int(next)-last >= maxHoles {
			return next + 1, nil
		}
	}
	return next, nil
}

// read reads one link. That there is none is no error.
func (r *linkReader) read(dir file, name []byte, fd int32) error {
	link, err := readLinkAt(dir, name, r.buf[:])
	switch {
	case err == unix.ENOENT:
		return nil // closed since it was listed
	case err != nil:
		return &os.PathError{Op: "readlink", Path: r.path + "/" + strconv.Itoa(int(fd)), Err: err}
	}
	d := Descriptor{FD: fd}
	d.Kind, d.Inode = parseFDLink(link)
	r.total++
	r.yield(d)
	return nil
}
