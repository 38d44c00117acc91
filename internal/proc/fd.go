//go:build linux

package proc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// Kind is what an open descriptor refers to, as far as it concerns sockets.
type Kind uint8

// The kinds of descriptors.
const (
	Other Kind = iota
	Socket
	Epoll
	IOURing
)

// Descriptor is one open descriptor of a process.
type Descriptor struct {
	FD    int32
	Kind  Kind
	Inode uint64 // of a socket, in sockfs: the N of socket:[N]; else 0
}

// KindOf returns what a descriptor of the process refers to, by the link
// /proc/PID/fd/FD. Another user's process needs CAP_SYS_PTRACE and
// CAP_DAC_READ_SEARCH.
func (fs FS) KindOf(pid int, fd int32) (Kind, error) {
	link, err := os.Readlink(fs.path(pid, "fd/"+strconv.Itoa(int(fd))))
	if err != nil {
		return Other, err
	}
	kind, _ := parseFDLink([]byte(link))
	return kind, nil
}

// SocketFDs calls yield for every descriptor of the process that refers to a
// socket, and returns how many descriptors it has in all. See
// [FS.Descriptors] for the rest.
func (fs FS) SocketFDs(pid int, yield func(fd int32, inode uint64)) (total int, err error) {
	return fs.Descriptors(pid, func(d Descriptor) {
		if d.Kind == Socket {
			yield(d.FD, d.Inode)
		}
	})
}

// Descriptors calls yield for every descriptor of the process, in no
// particular order, and returns their number. Descriptors that are closed
// meanwhile are left out. That the process was not replaced by another is for
// the caller to check ([FS.Start]).
//
// It reads the links in /proc/PID/fd, for which another user's process needs
// CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. When these are refused it reads
// /proc/PID/fdinfo, which needs only CAP_SYS_PTRACE, and Linux 5.14
// ([ErrNoInode]). When the thread leader has ended before other threads, its
// fd directory is empty, and that of a living thread is read.
func (fs FS) Descriptors(pid int, yield func(Descriptor)) (total int, err error) {
	err = fs.anyThread(pid, func(dir string) (bool, error) {
		total, err = fs.descriptors(dir, yield)
		return total > 0, err
	})
	return total, err
}

// MayReadOthers reports whether this process has CAP_SYS_PTRACE, without which
// the descriptors of other users' processes cannot be read; true where that
// cannot be told (capget(2)).
func MayReadOthers() bool {
	effective, err := capability.Effective()
	return err != nil || effective.Has(unix.CAP_SYS_PTRACE)
}

// descriptors reads the descriptor table of the thread with the directory.
func (fs FS) descriptors(dir string, yield func(Descriptor)) (int, error) {
	total, err := fs.readLinks(dir+"/fd", yield)
	if total > 0 || !errors.Is(err, os.ErrPermission) {
		return total, err
	}
	total, infoErr := fs.readInfos(dir+"/fdinfo", yield)
	if errors.Is(infoErr, os.ErrPermission) {
		return total, err
	}
	return total, infoErr
}

// readLinkAt is readlinkat(2) with a name that ends in a NUL byte, as
// getdents64 gives it; unix.Readlinkat would allocate to append one. The kernel
// answers from memory, without waiting for any file system, so that the Go
// scheduler need not be told of the call, which would cost as much again where
// several threads read.
func readLinkAt(dir file, name, buf []byte) ([]byte, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir),
		uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return buf[:min(int(n), len(buf))], nil
}

// eachEntry calls yield for every entry of the directory whose name is a
// number: a descriptor, a process or a thread. The entry is the name with a NUL
// byte at its end.
func eachEntry(path string, yield func(dir file, entry []byte, number int32) error) error {
	dir, err := open(path, unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.eachEntry(path, yield)
}

// eachEntry is eachEntry from where the directory stands; path is for errors.
func (dir file) eachEntry(path string, yield func(dir file, entry []byte, number int32) error) error {
	var buf [8192]byte
	for {
		n, err := unix.Getdents(int(dir), buf[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return os.NewSyscallError("getdents64 "+path, err)
		}
		if n <= 0 {
			return nil
		}
		for rest := buf[:n]; len(rest) > 0; {
			var name []byte
			if name, rest = nextEntry(rest); name == nil {
				return &ParseError{Path: path, Line: 1, Why: "malformed directory entry"}
			}
			if fd, ok := parseUint(name[:len(name)-1], 10); ok && fd <= 1<<31-1 {
				if err := yield(dir, name, int32(fd)); err != nil {
					return err
				}
			}
		}
	}
}

// nextEntry splits one struct linux_dirent64 (include/linux/dirent.h) off buf
// and returns its name with the NUL byte. The name is nil when the entry is
// malformed.
func nextEntry(buf []byte) (name, rest []byte) {
	const header = 8 + 8 + 2 + 1 // d_ino, d_off, d_reclen, d_type
	if len(buf) < header {
		return nil, nil
	}
	size := int(binary.NativeEndian.Uint16(buf[16:]))
	if size < header || size > len(buf) {
		return nil, nil
	}
	name = buf[header:size]
	end := bytes.IndexByte(name, 0)
	if end < 0 {
		return nil, nil
	}
	return name[:end+1], buf[size:]
}

// parseFDLink tells what the target of a link in /proc/PID/fd is.
func parseFDLink(link []byte) (Kind, uint64) {
	if inode, ok := parseLink(link, "socket:["); ok {
		return Socket, inode
	}
	switch string(link) {
	case "anon_inode:[eventpoll]":
		return Epoll, 0
	case "anon_inode:[io_uring]":
		return IOURing, 0
	}
	return Other, 0
}

// parseLink returns the inode in a link such as socket:[42]; prefix is
// "socket:[".
func parseLink(link []byte, prefix string) (inode uint64, ok bool) {
	if len(link) <= len(prefix) || string(link[:len(prefix)]) != prefix || link[len(link)-1] != ']' {
		return 0, false
	}
	return parseUint(link[len(prefix):len(link)-1], 10)
}
