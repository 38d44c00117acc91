//go:build linux

package proc

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestCallOf(t *testing.T) {
	const stack = 0x7ffe20ed1968
	args := [6]uint64{3, 4, 5, 6, 7, 8}
	for _, tc := range []struct {
		number int64
		stack  uint64
		name   string // "" when it waits for no descriptor
		fds    []int32
		doubt  bool
	}{
		{unix.SYS_READ, stack, "read", []int32{3}, false},
		{unix.SYS_ACCEPT4, stack, "accept4", []int32{3}, false},
		{unix.SYS_CONNECT, stack, "connect", []int32{3}, false},
		{unix.SYS_SENDFILE, stack, "sendfile", []int32{3, 4}, false},
		{unix.SYS_SPLICE, stack, "splice", []int32{3, 5}, false},
		{unix.SYS_IO_URING_ENTER, stack, "io_uring_enter", nil, true},
		{unix.SYS_RESTART_SYSCALL, stack, "restart_syscall", nil, true},
		{unix.SYS_FUTEX, stack, "", nil, false},
		{-1, stack, "", nil, false},
		{unix.SYS_FUTEX, 0xffff0000, "unknown", nil, true}, // 32-bit program
	} {
		c, ok := callOf(frame{number: tc.number, args: args, stack: tc.stack})
		if ok != (tc.name != "") || c.name != tc.name || (c.doubt != "") != tc.doubt {
			t.Errorf("call %d: %+v, %v; want %q", tc.number, c, ok, tc.name)
		}
		if ok && !slices.Equal(c.registers(args), tc.fds) {
			t.Errorf("%s: descriptors %v; want %v", c.name, c.registers(args), tc.fds)
		}
	}
	// The upper half of a register means nothing to a call that takes an int.
	if got := (call{}).registers([6]uint64{0xdeadbeef00000003}); !slices.Equal(got, []int32{3}) {
		t.Errorf("descriptors %v; want 3", got)
	}
}
