// Package ptrace starts a command and stands beside it and all that it starts
// (ptrace(2)): it is told when a thread has come back from a system call that
// makes sockets, when a process executes a program, and when a thread is about
// to end with its descriptors still open. Between those moments nothing is
// stopped.
//
// It needs no privilege. Which calls stop is decided by a filter (seccomp(2)) that
// the command inherits, so that all others cost nothing. The filter cannot be
// taken off again, and calls that it names fail without a tracer: what the
// command leaves running is therefore killed when the tracer ends
// (PTRACE_O_EXITKILL). Without CAP_SYS_ADMIN it also takes no_new_privs
// (prctl(2)): set-user-ID programs run with the rights of their caller then. A
// process has one tracer, so that debuggers among the command do not work.
package ptrace
