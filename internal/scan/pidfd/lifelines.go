//go:build linux

package pidfd

import (
	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// maxLifelines bounds for how many processes lifelines are kept.
const maxLifelines = 64

// Lifelines tell of some processes whether they still live, in one system call
// for all of them: pidfds (pidfd_open(2), Linux 5.3) that poll(2) reports when
// their process has ended. They stay with that process when its pid is reused,
// and are asked nothing else. They need no privilege. The zero value has none.
type Lifelines struct {
	fds []unix.PollFd
	ids []socket.ProcessID // the processes, in the same order
}

// Attach opens lifelines of the processes in place of those before, unless
// there are some of exactly these. The caller must then see that the processes
// are the ones that are meant. Of too many, or where a process has ended, none
// are kept.
func (l *Lifelines) Attach(list []socket.Process) {
	if l.of(list) {
		return
	}
	l.Close()
	if len(list) > maxLifelines {
		return
	}
	for i := range list {
		fd, err := unix.PidfdOpen(list[i].ID.PID, 0)
		if err != nil { // it has ended, or the kernel has no pidfds
			l.Close()
			return
		}
		l.fds = append(l.fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		l.ids = append(l.ids, list[i].ID)
	}
}

// of reports whether there are lifelines of exactly these processes.
func (l *Lifelines) of(list []socket.Process) bool {
	if len(l.ids) != len(list) {
		return false
	}
	for i := range list {
		if l.ids[i] != list[i].ID {
			return false
		}
	}
	return len(list) > 0
}

// AllAlive reports whether it is known that all the processes live.
func (l *Lifelines) AllAlive(list []socket.Process) bool {
	if !l.of(list) {
		return false
	}
	ended, err := unix.Poll(l.fds, 0)
	return err == nil && ended == 0
}

// Close closes them all.
func (l *Lifelines) Close() {
	for i := range l.fds {
		unix.Close(int(l.fds[i].Fd))
	}
	l.fds, l.ids = nil, nil
}
