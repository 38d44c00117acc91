// Package attach traces running processes by BPF: births.bpf.c notes who opens
// sockets. It needs CAP_BPF and CAP_PERFMON, and CAP_SYS_PTRACE to name the
// stacks of other users' processes.
package attach

//go:generate go tool -modfile=../../../tools/bpfgen/go.mod bpf2go -target amd64 -tags linux -cflags "-O2 -mcpu=v3 -Wall -Werror" -type birth -type stack -type image -type kind -type count births births.bpf.c
