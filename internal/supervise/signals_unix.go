//go:build unix

package supervise

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// forwarder passes signals on to the command.
type forwarder struct{ came chan os.Signal }

// newForwarder collects, from now on, the signals that end or steer a
// program (INT, TERM, HUP, QUIT, USR1, USR2). It must exist before the command
// starts: a signal that ended the caller in between would leave the command
// without anybody to hold it.
//
// The command stays in the caller's process group, so what a terminal sends
// (INT and QUIT by key) has reached it already and is not sent twice; many
// test runners take a second INT as "give up at once". For the same reason
// TSTP and CONT need no forwarding: job control stops and continues both. A
// signal that the caller was started to ignore (nohup) stays ignored.
func newForwarder() forwarder {
	f := forwarder{came: make(chan os.Signal, 8)}
	for _, sig := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2} {
		if !signal.Ignored(sig) {
			signal.Notify(f.came, sig)
		}
	}
	return f
}

// run forwards until the command's own process has ended.
func (f forwarder) run(t *Tree) {
	defer f.stop()
	for {
		select {
		case <-t.done:
			return
		case sig := <-f.came:
			if !t.fromTerminal(sig) {
				_ = t.Signal(sig) // it has just ended, or is another user's by now
			}
		}
	}
}

func (f forwarder) stop() { signal.Stop(f.came) }

// fromTerminal reports whether the signal is one of the terminal's keys, and
// the terminal sends those to the command as well. The sender is not known
// to a Go program; a foreground process group is the next best evidence.
func (t *Tree) fromTerminal(sig os.Signal) bool {
	if sig != unix.SIGINT && sig != unix.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false // no controlling terminal
	}
	defer tty.Close()
	front, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	if err != nil || front != unix.Getpgrp() {
		return false
	}
	group, err := unix.Getpgid(t.root.PID)
	return err == nil && group == front
}
