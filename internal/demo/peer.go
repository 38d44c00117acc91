package demo

import (
	"errors"
	"fmt"
	"net"
	"sync"
)

// Peer is the well-behaved other side of the leaking program. It lives in
// another process, so that only the leaks are in the scanned one.
type Peer struct {
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
}

// connections is how many connections the leaking program opens to the peer.
const connections = eofReads + unread + halfClosed

// StartPeer listens on a free port of the loopback interface.
func StartPeer() (*Peer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on the loopback interface: %w", err)
	}
	p := &Peer{listener: l}
	go p.accept()
	return p, nil
}

// Port is where the peer listens.
func (p *Peer) Port() uint16 { return uint16(p.listener.Addr().(*net.TCPAddr).Port) }

// accept answers connections with a greeting and closes them: the leaking
// program must notice. Those that it shuts down are kept open and silent.
func (p *Peer) accept() {
	for i := 0; ; i++ {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if i < eofReads+unread || i >= connections {
			fmt.Fprintln(c, "hello")
			c.Close()
		} else {
			p.keep(c)
		}
	}
}

func (p *Peer) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

// Close closes the listener and every connection.
func (p *Peer) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		err = errors.Join(err, c.Close())
	}
	return err
}
