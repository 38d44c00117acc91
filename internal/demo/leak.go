package demo

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// How many sockets are leaked in each way.
const (
	eofReads   = 5 // EOF read, close() forgotten
	unread     = 3 // closed by the peer, never read
	halfClosed = 2 // shutdown(SHUT_WR), never closed
	unaccepted = 4 // connected to a listener that never calls accept()
)

// Leaks are the sockets that the program has leaked. They must be kept
// reachable: the garbage collector would close what nobody refers to.
type Leaks struct {
	peer     string
	mu       sync.Mutex
	conns    []net.Conn
	listener net.Listener
	done     chan struct{}
}

// Leak leaks sockets of several kinds to the peer that listens on the port.
func Leak(port uint16) (*Leaks, error) {
	peer := fmt.Sprintf("127.0.0.1:%d", port)
	l := &Leaks{peer: peer, done: make(chan struct{})}
	for range eofReads {
		if err := l.readEOF(); err != nil {
			return nil, err
		}
	}
	for range unread {
		if _, err := l.dial(peer); err != nil { // nothing ever reads from it
			return nil, err
		}
	}
	for range halfClosed {
		c, err := l.dial(peer)
		if err != nil {
			return nil, err
		}
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			return nil, fmt.Errorf("shut down: %w", err)
		}
	}
	if err := l.neglect(); err != nil {
		return nil, err
	}
	go l.drip()
	return l, nil
}

// readEOF reads a connection to its end; nothing closes it.
func (l *Leaks) readEOF() error {
	c, err := l.dial(l.peer)
	if err != nil {
		return err
	}
	if _, err := io.ReadAll(c); err != nil {
		return fmt.Errorf("read from the peer: %w", err)
	}
	return nil
}

// drip goes on leaking, one connection every second: that they only come is
// what tells a leak from a pool.
func (l *Leaks) drip() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-tick.C:
			if l.readEOF() != nil {
				return // the demo is over
			}
		}
	}
}

func (l *Leaks) dial(addr string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect to the peer: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return c, nil
}

// neglect listens, but never accepts. The clients are its own: they connect
// and close, and stay in the accept queue in CLOSE_WAIT.
func (l *Leaks) neglect() error {
	var err error
	if l.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("listen on the loopback interface: %w", err)
	}
	for range unaccepted {
		c, err := net.Dial("tcp", l.listener.Addr().String())
		if err != nil {
			return fmt.Errorf("connect to the neglected listener: %w", err)
		}
		c.Close()
	}
	return nil
}

// Close closes everything. Its errors do not matter: the program ends.
func (l *Leaks) Close() {
	close(l.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Close()
	}
	l.listener.Close()
}
