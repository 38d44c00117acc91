// Package prog has BPF programs as bpf(2) takes them: it loads them, and
// remembers one for a kernel. What they do is the business of package bpf.
//
// It imports next to nothing, and of other libraries nothing at all: so it is
// ready while the packages that the rest of sockleak needs still initialize
// themselves, and loading can begin before main does ([Begin]). Even strings would
// make it wait for the tables of unicode.
package prog
