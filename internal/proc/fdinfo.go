//go:build linux

package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// fdInfo is what the first lines of /proc/PID/fdinfo/FD say of a descriptor
// (seq_show in fs/proc/fd.c).
type fdInfo struct {
	flags uint64 // O_* as open(2) takes them, O_CLOEXEC included
	mount uint64 // mnt_id
	inode uint64 // ino, Linux 5.14 and later; else 0
	kind  Kind   // Epoll or IOURing when further lines show it; never Socket
}

// FDFlags reports whether the descriptor is closed when the process starts
// another program (FD_CLOEXEC), from the flags line of /proc/PID/fdinfo/FD.
// Another user's process needs CAP_SYS_PTRACE.
//
// The inode says which socket is meant: when the descriptor no longer refers
// to it, the error is [ErrClosed]. Before Linux 5.14 that is not seen.
func (fs FS) FDFlags(pid int, fd int32, inode uint64) (cloexec bool, err error) {
	err = fs.anyThread(pid, func(dir string) (bool, error) {
		info, err := readFDInfo(dir + "/fdinfo/" + strconv.Itoa(int(fd)))
		if err == nil && info.inode != 0 && info.inode != inode {
			err = ErrClosed
		}
		cloexec = info.flags&unix.O_CLOEXEC != 0
		return err == nil, err
	})
	return cloexec, fs.explainFD(pid, err)
}

// readFDInfo reads the beginning of a fdinfo file.
func readFDInfo(path string) (fdInfo, error) {
	var buf [512]byte
	data, err := readPath(path, buf[:])
	if err != nil {
		return fdInfo{}, err
	}
	info, why := parseFDInfo(data)
	if why != "" {
		return fdInfo{}, &ParseError{Path: path, Line: 1, Why: why}
	}
	return info, nil
}

// explainFD tells the error of a descriptor's file from that of its process:
// when the process is there, the file is missing because it was closed.
func (fs FS) explainFD(pid int, err error) error {
	if errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrGone) && !errors.Is(err, ErrClosed) {
		return fmt.Errorf("pid %d: %w", pid, ErrClosed)
	}
	return err
}

// readInfos finds the sockets in a fdinfo directory. fdinfo does not say what
// a descriptor refers to, but every socket is on the kernel's one mount of
// sockfs, whose number a socket of our own shows.
func (fs FS) readInfos(path string, yield func(Descriptor)) (total int, err error) {
	sockfs, err := fs.socketMount()
	if err != nil {
		return 0, err
	}
	err = eachEntry(path, func(_ file, entry []byte, fd int32) error {
		info, err := readFDInfo(path + "/" + string(entry[:len(entry)-1]))
		if errors.Is(err, os.ErrNotExist) {
			return nil // closed since it was listed
		}
		if err != nil {
			return err
		}
		d := Descriptor{FD: fd, Kind: info.kind}
		if info.mount == sockfs {
			if info.inode == 0 {
				return ErrNoInode
			}
			d.Kind, d.Inode = Socket, info.inode
		}
		total++
		yield(d)
		return nil
	})
	return total, err
}

// socketMount returns the mnt_id of sockfs, learned from a socket that is
// opened for the purpose and closed again.
func socketMount(root string) (uint64, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("learn the mount of sockfs: %w", err)
	}
	defer unix.Close(fd)
	info, err := readFDInfo(root + "/self/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return 0, fmt.Errorf("learn the mount of sockfs: %w", err)
	}
	return info.mount, nil
}

// parseFDInfo parses the beginning of a fdinfo file. Lines that it does not
// know are skipped, a last line without newline (data was cut) too.
func parseFDInfo(data []byte) (info fdInfo, why string) {
	var hasFlags, hasMount bool
	for {
		line, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			break
		}
		data = rest
		key, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimLeft(value, " \t")
		ok := true
		switch string(key) {
		case "flags":
			info.flags, ok = parseUint(value, 8)
			hasFlags = true
		case "mnt_id":
			info.mount, ok = parseUint(value, 10)
			hasMount = true
		case "ino":
			info.inode, ok = parseUint(value, 10)
		case "tfd":
			info.kind = Epoll
		case "SqMask":
			info.kind = IOURing
		}
		if !ok {
			return fdInfo{}, "value of " + string(key) + " is not a number"
		}
	}
	if !hasFlags || !hasMount {
		return fdInfo{}, "no flags or mnt_id line"
	}
	return info, ""
}
