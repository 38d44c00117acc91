//go:build linux

package proc

import (
	"encoding/binary"
	"errors"
)

// memory reads the descriptors that poll, select or an io_uring waits for from
// the memory of the thread with the directory.
func (c call) memory(dir string, args [6]uint64) ([]int32, error) {
	mem, err := open(dir+"/mem", 0)
	if err != nil {
		return nil, err
	}
	defer mem.Close()
	switch c.shape {
	case pollShape:
		return readPollFDs(mem, args[0], args[1])
	case ringShape:
		r, err := findRing(dir, int32(uint32(args[0])))
		if err != nil {
			return nil, err
		}
		return r.pending(mem)
	}
	return readSelectFDs(mem, args[0], args[1:4])
}

var errTooMany = errors.New("too many descriptors")

// readPollFDs reads an array of struct pollfd (include/uapi/asm-generic/poll.h).
func readPollFDs(mem file, addr, count uint64) ([]int32, error) {
	const size, most = 8, 4096
	if count > most {
		return nil, errTooMany
	}
	var buf [size * most]byte
	data := buf[:size*count]
	if err := mem.readAt(data, addr); err != nil {
		return nil, err
	}
	var fds []int32
	for ; len(data) > 0; data = data[size:] {
		// poll ignores negative descriptors.
		if fd := int32(binary.NativeEndian.Uint32(data)); fd >= 0 {
			fds = append(fds, fd)
		}
	}
	return fds, nil
}

// readSelectFDs reads fd_sets, arrays of longs with a bit for each descriptor
// below count. The address of a set is 0 when it is not given.
func readSelectFDs(mem file, count uint64, sets []uint64) ([]int32, error) {
	const word, most = 64, 1 << 16
	if count > most {
		return nil, errTooMany
	}
	var union, buf [most / 8]byte
	size := (count + word - 1) / word * (word / 8)
	for _, addr := range sets {
		if addr == 0 {
			continue
		}
		if err := mem.readAt(buf[:size], addr); err != nil {
			return nil, err
		}
		for i := range buf[:size] {
			union[i] |= buf[i]
		}
	}
	var fds []int32
	for fd := range count {
		if bits := binary.NativeEndian.Uint64(union[fd/word*(word/8):]); bits&(1<<(fd%word)) != 0 {
			fds = append(fds, int32(fd))
		}
	}
	return fds, nil
}
