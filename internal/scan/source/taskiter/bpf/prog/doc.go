// Package prog loads BPF programs as bpf(2) takes them. What they do is the
// business of package bpf.
package prog
