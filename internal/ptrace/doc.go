// Package ptrace starts a command and stands beside it and all that it starts
// (ptrace(2)): it is told when a thread has come back from a system call that
// makes sockets, when a process executes a program, and when a process is about
// to end with its descriptors still open. A thread also stops for a moment when
// it starts another, and for each signal that it gets.
//
// It needs no privilege. A process has one tracer. What cannot work under ours is
// let go: with a debugger or a sanitizer that looks for leaks, the whole command;
// a set-user-ID program, which would run with the rights of its caller.
//
// Which calls stop is decided by a filter (seccomp(2)), only where Options.Call
// asks for it. The command inherits it, so that all others cost nothing. It
// cannot be taken off again, and calls that it names fail without a tracer:
// nothing can be let go then, and what the command leaves running is killed when
// the tracer ends (PTRACE_O_EXITKILL). Without CAP_SYS_ADMIN the filter also takes
// no_new_privs (prctl(2)): set-user-ID programs run with the rights of their caller.
package ptrace
