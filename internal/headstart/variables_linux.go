package headstart

import (
	"syscall"
	"unsafe"
)

// variables is how much memory the variables take that hold pointers, with
// (.data) and without (.bss) an initial value; TestVariables knows.
const variables = 288 << 10

// populateWrite is MADV_POPULATE_WRITE of include/uapi/asm-generic/mman-common.h
// (Linux 5.14).
const populateWrite = 23

// touchVariables makes the pages that packages write to when they initialize
// themselves the process's own, all at once and as long as it runs on one
// processor. Later the kernel would do so one by one, at the first write to each,
// and have the other processor forget the page of the file that was there before:
// a virtual machine takes 25 microseconds for each such interrupt, and there are
// two dozen.
//
// The linker puts .data, .bss and the variables without pointers one behind the
// other, and this one is among the first of the last. Where that is not so, or the
// kernel does not know the advice, nothing comes of it.
func touchVariables(size uintptr) error {
	page := uintptr(syscall.Getpagesize())
	end := uintptr(unsafe.Pointer(&syscall.SocketDisableIPv6)) &^ (page - 1)
	_, _, errno := syscall.RawSyscall(syscall.SYS_MADVISE, end+page-size, size, populateWrite)
	if errno != 0 {
		return errno
	}
	return nil
}
