package supervise

import (
	"fmt"
	"sync"
	"time"
)

// Supervisor keeps the trees of the commands that it started. A process has
// one at a time.
type Supervisor struct {
	mu      sync.Mutex
	descent descent
	trees   []*Tree
	closing chan struct{}
	closed  chan struct{}
}

// followEvery is how often the tree is read while nobody asks: often enough
// to learn which tree a process belongs to before its parent is gone, and to
// reap adopted orphans soon.
const followEvery = 500 * time.Millisecond

// New returns a supervisor. On Linux the process becomes a child subreaper
// until Close. It fails without /proc.
func New() (*Supervisor, error) {
	s := &Supervisor{closing: make(chan struct{}), closed: make(chan struct{})}
	if err := s.descent.open(); err != nil {
		return nil, fmt.Errorf("follow child processes: %w", err)
	}
	go s.follow()
	return s, nil
}

// Close stops following. It ends no process.
func (s *Supervisor) Close() error {
	close(s.closing)
	<-s.closed
	return s.descent.close()
}

// Start starts the command, and passes the signals that the caller receives
// on to it for as long as it lives. Its error is a *StartError.
func (s *Supervisor) Start(c Command) (*Tree, error) {
	// The lock keeps the tree from being read while the new child is not yet
	// known as a root.
	s.mu.Lock()
	defer s.mu.Unlock()
	signals := newForwarder()
	p, err := c.start()
	if err != nil {
		signals.stop()
		return nil, err
	}
	t := &Tree{sup: s, proc: p, root: s.descent.identify(p.PID()), done: make(chan struct{})}
	s.trees = append(s.trees, t)
	go t.wait()
	go signals.run(t)
	return t, nil
}

func (s *Supervisor) follow() {
	defer close(s.closed)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
			s.mu.Lock()
			// An error here shows again, to somebody who can report it, at
			// the next call of Tree.Processes.
			_ = s.descent.read(s.trees)
			s.mu.Unlock()
		}
	}
}
