package leak

import "github.com/sockleak/sockleak/internal/socket"

// Clients is what a program has accepted on one listener and still holds,
// without what an earlier rule has explained.
type Clients struct {
	Accepted   int // in any state
	Due        int // their request has no answer yet, whether they still wait or have given up
	Registered int // ESTABLISHED, and a thread or an event loop waits for them
}

// ClientsOf returns what was accepted on a listener.
func (c *Case) ClientsOf(l *socket.Socket) Clients {
	if c.clients == nil {
		c.findClients()
	}
	return c.clients[l]
}

// findClients goes through the sockets once.
func (c *Case) findClients() {
	c.clients = map[*socket.Socket]Clients{}
	paths := map[string]*socket.Socket{}
	for _, s := range c.Now().Sockets {
		if s.Family == socket.Unix && s.State == socket.Listen && s.UnixInfo != nil && s.UnixInfo.Path != "" {
			paths[s.UnixInfo.Path] = s
		}
	}
	for _, s := range c.Now().Sockets {
		if len(s.Holders) == 0 || s.Listener != 0 || s.State == socket.Listen || c.Explained(s) {
			continue
		}
		l := c.Listener(s)
		if s.Family == socket.Unix && s.UnixInfo != nil {
			l = paths[s.UnixInfo.Path] // what accept() returns bears the listener's path
		}
		if l == nil {
			continue
		}
		n := c.clients[l]
		n.Accepted++
		if (s.State == socket.Established || s.State == socket.CloseWait) && c.AnswerDue(s) == Yes {
			n.Due++
		}
		if s.State == socket.Established && c.Registered(s) == Yes {
			n.Registered++
		}
		c.clients[l] = n
	}
}

// QueueSeen reports whether the sockets in the accept queue of a listener are
// in the snapshot one by one.
func (c *Case) QueueSeen(l *socket.Socket) bool {
	for _, s := range c.Now().Sockets {
		if s.Listener == l.Inode && s.Listener != 0 {
			return true
		}
	}
	return false
}
