//go:build linux

package proc

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// SockProtoName returns the kernel's own name of the protocol of a socket,
// such as TCPv6 or UNIX-STREAM (struct proto in include/net/sock.h), whether
// or not the socket is in any table. It is the extended attribute
// system.sockprotoname of /proc/PID/fd/FD, for which another user's process
// needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
//
// The inode says which socket is meant: when the descriptor no longer refers
// to it, the error is [ErrClosed].
func (fs FS) SockProtoName(pid int, fd int32, inode uint64) (string, error) {
	var name string
	err := fs.anyThread(pid, func(dir string) (ok bool, err error) {
		name, err = sockProtoName(dir+"/fd/"+strconv.Itoa(int(fd)), inode)
		return err == nil, err
	})
	return name, fs.explainFD(pid, err)
}

func sockProtoName(path string, inode uint64) (string, error) {
	var buf [64]byte // struct proto has 32 bytes for the name
	n, err := unix.Getxattr(path, "system.sockprotoname", buf[:])
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.ENODATA) {
		return "", &os.PathError{Op: "getxattr", Path: path, Err: err}
	}
	// Inodes are not reused within so short a time: when the descriptor
	// refers to the socket now, it did while the attribute was read.
	link, linkErr := os.Readlink(path)
	if linkErr != nil {
		return "", linkErr
	}
	if now, ok := parseLink([]byte(link), "socket:["); !ok || now != inode {
		return "", ErrClosed
	}
	if err != nil {
		return "", &os.PathError{Op: "getxattr", Path: path, Err: err}
	}
	return unix.ByteSliceToString(buf[:n]), nil
}
