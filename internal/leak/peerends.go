package leak

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// ends counts what became of the other ends that are on this machine.
type ends struct {
	known  int // looked up
	closed int // no program holds them any more
	held   int // a program holds them
	full   int // their window is full: they wait for us to read
	states map[string]int
	who    string // process and descriptor of the first one held
}

func (c *Case) ends(list []*socket.Socket) ends {
	e := ends{states: map[string]int{}}
	for _, s := range list {
		p := s.Peer
		if p == nil {
			continue
		}
		e.known++
		switch {
		case p.Closed():
			e.closed++
		case p.Held():
			e.held++
			e.states[p.State.String()]++
			if e.who == "" {
				e.who = c.holderName(p.Holders)
			}
		}
		if p.Timer.Kind == socket.Persist {
			e.full++
		}
	}
	return e
}

func (c *Case) holderName(list []socket.Holder) string {
	if len(list) == 0 {
		return ""
	}
	h := list[0]
	if p := c.Now().Process(h.Process); p != nil {
		return fmt.Sprintf("%s (pid %d) fd %d", p.Name, h.Process.PID, h.FD)
	}
	return fmt.Sprintf("pid %d fd %d", h.Process.PID, h.FD)
}

// words says it as evidence; "" when nothing is known.
func (e ends) words() string {
	var parts []string
	if e.closed > 0 {
		parts = append(parts, fmt.Sprintf("%s closed for good", ofAll(e.closed, e.known)))
	}
	for _, st := range sortedKeys(e.states) {
		text := fmt.Sprintf("%s still held, in %s", ofAll(e.states[st], e.known), st)
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	text := "the other end is on this machine: " + strings.Join(parts, ", ")
	if e.who != "" {
		text += ", by " + e.who
	}
	return text
}
