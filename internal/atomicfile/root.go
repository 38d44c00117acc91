package atomicfile

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
)

const (
	tempPrefix = ".sockleak-"
	tempSuffix = ".tmp"
	tempRandom = 8 // bytes
)

// TempName returns a name for a temporary file that no other process uses.
// owner stands in it, so that IsTemp can tell whose it is.
func TempName(owner string) string {
	var b [tempRandom]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return tempPrefix + owner + "-" + hex.EncodeToString(b[:]) + tempSuffix
}

// IsTemp reports whether the name is one that TempName gives for the owner.
func IsTemp(name, owner string) bool {
	s, ok := strings.CutPrefix(name, tempPrefix+owner+"-")
	s, ok2 := strings.CutSuffix(s, tempSuffix)
	return ok && ok2 && len(s) == 2*tempRandom && strings.Trim(s, "0123456789abcdef") == ""
}

// Put writes a file of a directory so that it appears whole or not at all. A
// new file gets the mode, less the umask; one that is there keeps its own.
// owner is that of TempName.
//
// The order is what makes it safe: the content reaches the disk before the
// name does, and the name (an entry of the directory) before Put returns.
func Put(dir *os.Root, name, owner string, mode fs.FileMode, write func(io.Writer) error) error {
	temp := TempName(owner)
	old, err := dir.Lstat(name)
	if err == nil && old.Mode().IsRegular() {
		err = fill(dir, temp, 0o600, func(f *os.File) error {
			return errors.Join(buffered(f, write), f.Chmod(old.Mode().Perm()))
		})
	} else {
		err = fill(dir, temp, mode, func(f *os.File) error { return buffered(f, write) })
	}
	if err == nil {
		err = Rename(dir, temp, name)
	}
	if err != nil {
		dir.Remove(temp)
	}
	return err
}

// Rename moves a temporary file to its place, durably.
func Rename(dir *os.Root, temp, name string) error {
	if err := dir.Rename(temp, name); err != nil {
		return err
	}
	return syncDir(dir)
}

func fill(dir *os.Root, temp string, mode fs.FileMode, write func(*os.File) error) error {
	f, err := dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	buf := bufio.NewWriter(w)
	if err := write(buf); err != nil {
		return err
	}
	return buf.Flush()
}

// syncDir makes the directory's entries durable. File systems that cannot
// sync a directory say EINVAL or ENOTSUP: they have nothing to offer beyond
// rename. Windows cannot either.
func syncDir(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if runtime.GOOS == "windows" || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
