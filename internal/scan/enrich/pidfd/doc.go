// Package pidfd identifies sockets that no table of the kernel shows, by
// duplicating the descriptor of the process that holds them (pidfd_getfd(2),
// Linux 5.6) and asking the duplicate.
//
// This is the one thing that sockleak does that another process can notice:
// for the microseconds that the duplicate exists, a close() of the process
// does not end the connection. So it is done only when the user asks for it,
// for one socket at a time, and the duplicate never lives across a pause: it
// is a bare number that is closed before its socket is looked at any further,
// never a net.Conn, whose making would set O_NONBLOCK on the description that
// the process shares. Nothing is set and nothing is consumed: SO_ERROR, whose
// reading clears it, is left alone.
//
// It needs the right to trace the process (ptrace(2), PTRACE_MODE_ATTACH): the
// same user and kernel.yama.ptrace_scope 0, or CAP_SYS_PTRACE. The code is for
// Linux only.
package pidfd
