//go:build linux

package bpf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

const btfPath = "/sys/kernel/btf/vmlinux"

// withKernelBTF runs f with the raw BTF of the running kernel, which is gone
// when f returns. The file can be mapped since Linux 6.16; before that its
// five megabytes are read.
func withKernelBTF(f func(data []byte) error) error {
	file, err := os.Open(btfPath)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%w: %w", ErrNotPermitted, err)
		}
		return fmt.Errorf("%w: %w", ErrNoBTF, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("%w: cannot tell the size of %s: %w", ErrNoBTF, btfPath, err)
	}
	if info.Size() <= 0 {
		return fmt.Errorf("%w: %s is empty", ErrNoBTF, btfPath)
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err == nil {
		defer unix.Munmap(data)
		return f(data)
	}
	data = make([]byte, info.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBTF, err)
	}
	return f(data)
}
