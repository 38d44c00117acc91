//go:build linux

package procfs

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
func (fs FS) FDFlags(pid int, fd int32) (cloexec bool, err error) {
	path := fs.path(pid, "fdinfo/"+strconv.Itoa(int(fd)))
	var buf [512]byte
	data, err := readPath(path, buf[:])
	if err != nil {
		return false, fs.explainFD(pid, err)
	}
	info, why := parseFDInfo(data)
	if why != "" {
		return false, &ParseError{Path: path, Line: 1, Why: why}
	}
	return info.flags&unix.O_CLOEXEC != 0, nil
}

// explainFD is explain for the file of a descriptor, which is missing when
// the descriptor was closed.
func (fs FS) explainFD(pid int, err error) error {
	err = fs.explain(pid, err)
	if errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrGone) {
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
	err = eachEntry(path, func(dir file, entry []byte, fd int32) error {
		var buf [512]byte
		f, err := openAt(int(dir), string(entry[:len(entry)-1]), 0)
		if err != nil {
			return ignoreClosed(err)
		}
		defer f.Close()
		data, err := f.readInto(buf[:])
		if err != nil {
			return ignoreClosed(err)
		}
		info, why := parseFDInfo(data)
		if why != "" {
			return &ParseError{Path: path + "/" + strconv.Itoa(int(fd)), Line: 1, Why: why}
		}
		d := Descriptor{FD: fd, Kind: info.kind}
		if info.mount == uint64(sockfs) {
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

// ignoreClosed returns nil for the error of a descriptor that was closed.
func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// socketMount returns the mnt_id of sockfs, learned from a socket that is
// opened for the purpose and closed again.
func socketMount(root string) (int, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("learn the mount of sockfs: %w", err)
	}
	defer unix.Close(fd)
	var buf [512]byte
	data, err := readPath(root+"/self/fdinfo/"+strconv.Itoa(fd), buf[:])
	if err != nil {
		return 0, fmt.Errorf("learn the mount of sockfs: %w", err)
	}
	info, why := parseFDInfo(data)
	if why != "" {
		return 0, errors.New("learn the mount of sockfs: " + why)
	}
	return int(info.mount), nil
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
