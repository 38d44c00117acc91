package archive

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// fileMode lets the owner's group read: reports carry command lines.
const fileMode = 0o640

const (
	tempPrefix = ".sockleak-"
	tempSuffix = ".tmp"
)

// tempName returns a name for a temporary file of the host that no other
// process uses.
func tempName(host string) string {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return tempPrefix + host + "-" + hex.EncodeToString(b[:]) + tempSuffix
}

// isTemp reports whether the name is one that tempName gives for the host.
func isTemp(file, host string) bool {
	s, ok := strings.CutPrefix(file, tempPrefix+host+"-")
	s, ok2 := strings.CutSuffix(s, tempSuffix)
	return ok && ok2 && len(s) == 16 && isHex(s)
}

// replace writes a file so that it appears whole or not at all.
//
// The order is what makes it safe: the content reaches the disk before the
// name does, and the name (an entry of the directory) before replace returns.
func (d *Dir) replace(host, name string, content []byte) error {
	temp := tempName(host)
	err := d.fill(temp, content)
	if err == nil {
		err = d.root.Rename(temp, name)
	}
	if err != nil {
		d.root.Remove(temp)
		return d.explain(err)
	}
	return d.sync()
}

func (d *Dir) fill(temp string, content []byte) error {
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync makes the directory's entries durable. File systems that cannot sync
// a directory say EINVAL or ENOTSUP: they have nothing to offer beyond rename.
func (d *Dir) sync() error {
	dir, err := d.root.Open(".")
	if err != nil {
		return d.explain(err)
	}
	defer dir.Close()
	err = dir.Sync()
	if err == nil || !syncsDirs || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return d.explain(err)
}

// explain says what to do about a directory that cannot be written.
func (d *Dir) explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("disk full: nothing written to %s: free space there, or keep fewer reports (--keep, --keep-bytes): %w", d.path, syscall.ENOSPC)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a read-only file system: choose another --dir: %w", d.path, syscall.EROFS)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("may not write to %s%s: run as its owner, or give this user access: %w", d.path, owner(d.path), fs.ErrPermission)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("directory %s went away during the run: %w", d.path, fs.ErrNotExist)
	}
	return fmt.Errorf("write to %s: %w", d.path, err)
}
