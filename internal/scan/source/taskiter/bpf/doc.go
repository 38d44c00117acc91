//go:build linux

// Package bpf reads the sockets of a process, or of every process, through
// the kernel's task_file BPF iterator.
//
// The program is iter.bpf.c. tools/bpfgen compiles it when it is changed, and
// commits the instructions and what has to be filled into them for a kernel
// (CO-RE): offsets, types, functions. At run time one pass over the kernel's own
// type information (/sys/kernel/btf/vmlinux) does that. There is no compiler, no
// object file and no loader library then: loading costs some two milliseconds,
// and a look costs what the target's sockets cost, whatever else runs on the
// machine.
//
// It takes no descriptor of the target and stops nothing. It
// needs CAP_BPF and CAP_PERFMON, Linux 5.12 and a 64-bit little-endian
// machine; newer kernels show more, and [Program.Missing] says what an older
// one does not.
//
// One look goes: walk.go asks the kernel for records (record.h, record.go),
// decode.go turns one into a socket.Socket, presence.go says what a
// closed socket went through. Before that, load.go loads what image.go has
// fitted to the kernel by btf.go.
package bpf

//go:generate go -C ../../../../../tools/bpfgen run . ../../internal/scan/source/taskiter/bpf
