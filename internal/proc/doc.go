// Package procfs reads what Linux says of processes and their sockets under
// /proc (proc(5)): descriptor tables, socket tables, epoll sets, blocked
// threads, cgroups. It yields facts and judges nothing.
//
// Reading is all it does: no process is signalled, stopped or traced, and no
// descriptor is duplicated. Each method names the files that it reads and the
// privilege that reading another user's process takes.
//
// A pid alone is no identity. Whoever combines several reads of one process
// reads its start time with [FS.Start] before and after, and drops what lies
// between when the two differ or the process is gone ([ErrGone]).
//
// On systems other than Linux the package is empty.
package proc
