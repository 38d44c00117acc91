//go:build linux

package sockdiag

import (
	"encoding/binary"
	"slices"
	"testing"
)

// accepts runs a program as net/ipv4/inet_diag.c does (inet_diag_bc_audit and
// inet_diag_bc_run), and fails the test where the kernel would refuse it.
func accepts(t *testing.T, program []byte, port uint16, cgroup uint64) bool {
	t.Helper()
	b := program
	for len(b) > 0 {
		if len(b) < bcOp {
			t.Fatalf("jump into the middle of an operation, %d bytes from the end", len(b))
		}
		code, yes, no := b[0], int(b[1]), int(binary.NativeEndian.Uint16(b[2:]))
		holds := false
		switch code {
		case bcJmp:
		case bcSGe:
			holds = port >= binary.NativeEndian.Uint16(b[6:])
		case bcSLe:
			holds = port <= binary.NativeEndian.Uint16(b[6:])
		case bcCgroupCond:
			holds = cgroup == binary.NativeEndian.Uint64(b[4:])
		default:
			t.Fatalf("operation %d", code)
		}
		jump := no
		if holds {
			jump = yes
		}
		if jump < bcOp || jump > len(b)+bcOp || jump%4 != 0 {
			t.Fatalf("jump by %d, %d bytes from the end", jump, len(b))
		}
		if jump > len(b) {
			return false
		}
		b = b[jump:]
	}
	return true
}

func FuzzBytecode(f *testing.F) {
	f.Add([]byte{}, uint64(0))
	f.Add([]byte{0, 80}, uint64(7))
	f.Add([]byte{0, 1, 0, 2, 0, 3, 1, 0, 255, 255, 0, 0, 255, 254}, uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, cgroup uint64) {
		filter := Filter{CgroupID: cgroup}
		for ; len(b) >= 2; b = b[2:] {
			filter.LocalPorts = append(filter.LocalPorts, binary.BigEndian.Uint16(b))
		}
		program, err := filter.bytecode()
		if err != nil {
			return
		}
		near := []uint16{0, 1, 80, 65535}
		for _, p := range filter.LocalPorts[:min(50, len(filter.LocalPorts))] {
			near = append(near, p-1, p, p+1)
		}
		for _, port := range near {
			want := len(filter.LocalPorts) == 0 || slices.Contains(filter.LocalPorts, port)
			if got := accepts(t, program, port, cgroup); got != want {
				t.Errorf("ports %v: port %d accepted: %v", filter.LocalPorts, port, got)
			}
			if cgroup != 0 && accepts(t, program, port, cgroup+1) {
				t.Errorf("accepted a socket of another cgroup")
			}
		}
	})
}

func TestBytecodeIsBounded(t *testing.T) {
	var filter Filter
	for p := range maxPortRanges {
		filter.LocalPorts = append(filter.LocalPorts, uint16(2*p))
	}
	program, err := filter.bytecode()
	check(t, "largest program", err)
	if len(program)+bcOp > 1<<16-1 || accepts(t, program, 1, 0) || !accepts(t, program, 2*maxPortRanges-2, 0) {
		t.Errorf("the largest program, of %d bytes, is wrong", len(program))
	}
	filter.LocalPorts = append(filter.LocalPorts, 65535)
	if _, err := filter.bytecode(); err == nil {
		t.Error("a program with jumps of more than 16 bits")
	}
	// Any number of ports in a row is one range.
	filter.LocalPorts = nil
	for p := range 1 << 16 {
		filter.LocalPorts = append(filter.LocalPorts, uint16(p))
	}
	if program, err := filter.bytecode(); err != nil || len(program) != bcRange-bcOp {
		t.Errorf("all ports: %d bytes, %v", len(program), err)
	}
}

// TestKernelTakesTheLargestFilter: it runs the audit that accepts imitates.
func TestKernelTakesTheLargestFilter(t *testing.T) {
	c := privateNet(t)
	l := listenTCP(t, 0, 1)
	port := local(t, l).Port()
	filter := Filter{LocalPorts: []uint16{port}}
	for p := uint16(1); len(filter.LocalPorts) < 500; p += 2 {
		if p < port-1 || p > port+1 {
			filter.LocalPorts = append(filter.LocalPorts, p)
		}
	}
	one(t, filtered(c, filter), inodeOf(t, l))
	filter.LocalPorts = filter.LocalPorts[1:]
	for _, s := range collect(t, filtered(c, filter)) {
		t.Errorf("let %v through", s.Local)
	}
}
