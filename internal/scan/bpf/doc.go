//go:build linux

// Package bpf reads the sockets of a process, or of every process, through
// the kernel's task_file BPF iterator.
//
// The program is assembled here, from the table in fields.go, with offsets
// taken from the kernel's own type information (/sys/kernel/btf/vmlinux).
// There is no compiler, no object file and no loader library: loading costs
// about two milliseconds, and a look costs what the target's sockets cost,
// whatever else runs on the machine.
//
// It takes no descriptor of the target and stops nothing. It
// needs CAP_BPF and CAP_PERFMON, Linux 5.12 and a 64-bit little-endian
// machine; newer kernels show more, and [Program.Missing] says what an older
// one does not.
//
// One look goes: walk.go asks the kernel for records, record.go is their
// layout, decode.go turns one into a socket.Socket, presence.go says what a
// closed socket went through. Before that, load.go loads what program.go
// assembled out of fields.go and btf.go.
package bpf
