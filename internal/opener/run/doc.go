// Package run finds out who opens the sockets of a command that it starts
// itself. It needs no privilege: the command runs under ptrace(2), which stops a
// thread where it has made a socket, and nowhere else; its stack is read while
// it is stopped. See package ptrace for what that means for the command.
package run
