package supervise

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Tree is a command and all of its descendants.
type Tree struct {
	sup  *Supervisor
	proc Process
	root socket.ProcessID
	done chan struct{}
	exit Exit // valid after done
}

func (t *Tree) wait() {
	defer close(t.done)
	status, err := t.proc.Wait()
	if err != nil { // somebody else reaped our child
		t.exit = Exit{Code: CodeFailed}
		return
	}
	t.exit = exitOf(status)
}

// Root returns the identity of the command's own process.
func (t *Tree) Root() socket.ProcessID { return t.root }

// Done is closed when the command's own process has ended. Descendants may
// live on.
func (t *Tree) Done() <-chan struct{} { return t.done }

// Exit waits for the command's own process and returns how it ended.
func (t *Tree) Exit() Exit {
	<-t.done
	return t.exit
}

// Processes returns the processes of the tree that are alive, by pid: the
// command's own and every descendant, also those that made themselves daemons.
func (t *Tree) Processes() ([]socket.ProcessID, error) {
	t.sup.mu.Lock()
	defer t.sup.mu.Unlock()
	if t.sup.descent.walk(t.sup.trees) {
		return t.sup.descent.processes(t), nil
	}
	return t.read()
}

// everybody returns the same by the table of all processes, which misses
// nobody who lives through the reading of it.
func (t *Tree) everybody() ([]socket.ProcessID, error) {
	t.sup.mu.Lock()
	defer t.sup.mu.Unlock()
	return t.read()
}

func (t *Tree) read() ([]socket.ProcessID, error) {
	if err := t.sup.descent.read(t.sup.trees); err != nil {
		return nil, fmt.Errorf("list descendants of pid %d: %w", t.root.PID, err)
	}
	return t.sup.descent.processes(t), nil
}

// Signal sends a signal to the command's own process. It is no error when
// the process has ended.
func (t *Tree) Signal(sig os.Signal) error {
	err := t.proc.Signal(sig)
	if err == nil || errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return fmt.Errorf("send %v to pid %d: %w", sig, t.root.PID, err)
}

// killWait is how long End waits for processes that it has killed. SIGKILL
// works at once unless a process hangs in the kernel.
const killWait = 5 * time.Second

// End ends the whole tree and nothing else: SIGTERM to every process, and
// after grace SIGKILL to those that are left, and to those that they start
// meanwhile. It fails when a process may not be signalled or will not die.
func (t *Tree) End(grace time.Duration) error {
	asked := t.signalAll(syscall.SIGTERM)
	if t.gone(time.Now().Add(grace)) {
		return nil
	}
	deadline := time.Now().Add(killWait)
	killed := t.signalAll(syscall.SIGKILL)
	for !t.gone(time.Now().Add(pollMost)) {
		if time.Now().After(deadline) {
			left, err := t.everybody()
			return errors.Join(fmt.Errorf("end the command: %d of its processes are still alive", len(left)), asked, killed, err)
		}
		killed = t.signalAll(syscall.SIGKILL)
	}
	return nil
}

// The intervals at which gone looks again.
const (
	pollLeast = 5 * time.Millisecond
	pollMost  = 100 * time.Millisecond
)

// gone waits until no process of the tree is alive, or the deadline passes.
// One empty reading proves little: a process that forks and ends between two
// lines of the table is missed together with its child. Two must agree.
func (t *Tree) gone(deadline time.Time) bool {
	empty := 0
	for pause := pollLeast; ; pause = min(2*pause, pollMost) {
		left, err := t.everybody()
		if err == nil && len(left) == 0 {
			empty++
		} else {
			empty = 0
		}
		if empty == 2 {
			<-t.done
			return true
		}
		if !time.Now().Before(deadline) {
			return false
		}
		time.Sleep(pause)
	}
}
