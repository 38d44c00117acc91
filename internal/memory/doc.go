// Package memory reads another process's memory: what is mapped where, which
// files that is, and the bytes.
//
// Nothing is stopped and nothing is written. All that is read may lie, change
// while it is read, or be gone: every length is bounded, and every reader of
// pointers has to check what it finds. Reading needs the right to trace the
// process (ptrace(2), PTRACE_MODE_ATTACH): the same user under
// kernel.yama.ptrace_scope 0, or CAP_SYS_PTRACE.
package memory
