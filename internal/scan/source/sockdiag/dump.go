//go:build linux

package sockdiag

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// dumpTries is how often a dump is begun when the kernel says that it was
// interrupted.
const dumpTries = 3

// query is a dump: a request, and how its answers are parsed.
type query struct {
	what    string // the sockets, for errors
	kind    uint16 // message type of the answers
	request []byte
	parse   rowParser
}

// rowParser fills a socket in from the body of an answer.
type rowParser func(body []byte, s *socket.Socket) error

// dump runs the query and yields a socket for each answer. The socket, its
// UnixInfo included, is valid during the call only. An error of yield ends the
// dump and is returned.
func (c *Conn) dump(ctx context.Context, q query, yield func(*socket.Socket) error) error {
	for range dumpTries {
		interrupted, err := c.dumpOnce(ctx, &q, yield)
		if errors.Is(err, ErrNoModule) {
			return fmt.Errorf("dump %s sockets: %w; modprobe %s", q.what, err, module(q.what))
		}
		if err != nil {
			return fmt.Errorf("dump %s sockets: %w", q.what, err)
		}
		if !interrupted {
			return nil
		}
	}
	return fmt.Errorf("dump %s sockets, %d tries: %w", q.what, dumpTries, ErrInterrupted)
}

// dumpOnce runs the query once and tells whether the kernel called it
// interrupted.
func (c *Conn) dumpOnce(ctx context.Context, q *query, yield func(*socket.Socket) error) (interrupted bool, err error) {
	if err := c.finish(ctx); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err // rather than leave a dump behind
	}
	seq, err := c.send(q.request)
	if err != nil {
		return false, err
	}
	a := answers{seq: seq, port: c.port, kind: q.kind}
	c.unfinished = true
	err = c.readAnswers(ctx, &a, func(body []byte) error {
		c.row = socket.Socket{NetNS: c.netns, UnixInfo: c.row.UnixInfo}
		if err := q.parse(body, &c.row); err != nil {
			return err
		}
		return yield(&c.row)
	})
	c.unfinished = !a.done
	return a.interrupted, err
}

// finish reads to its end a dump that was left early.
func (c *Conn) finish(ctx context.Context) error {
	if !c.unfinished {
		return nil
	}
	a := answers{seq: c.seq, port: c.port, kind: anyKind}
	err := c.readAnswers(ctx, &a, func([]byte) error { return nil })
	c.unfinished = !a.done
	if err != nil && !a.done {
		return fmt.Errorf("finish the dump before: %w", err)
	}
	return nil // how the dump before ended is nobody's concern any more
}

// readAnswers reads datagrams until the kernel ends the dump.
func (c *Conn) readAnswers(ctx context.Context, a *answers, row func(body []byte) error) error {
	for !a.done {
		datagram, err := c.receive(ctx)
		if errors.Is(err, unix.ENOBUFS) {
			a.interrupted = true // rows were lost; the end is still to come
			continue
		}
		if err != nil {
			return err
		}
		if err := a.datagram(datagram, row); err != nil {
			return err
		}
	}
	return nil
}

// anyKind makes answers accept each message type.
const anyKind = 0

// answers is the state of reading the answers to one dump request.
type answers struct {
	seq, port   uint32 // those of the request
	kind        uint16
	done        bool // the kernel has ended the dump
	interrupted bool // rows may be missing
}

// datagram hands the body of each row to row. After an error it goes on to look
// for the end of the dump, which the kernel puts into the same datagram as the
// last rows where there is room, and which nobody would see again.
func (a *answers) datagram(b []byte, row func(body []byte) error) error {
	var failed error
	for len(b) > 0 && !a.done {
		m, rest, err := cutMessage(b)
		if err != nil {
			return cmp.Or(failed, err)
		}
		b = rest
		if m.seq != a.seq || m.port != a.port {
			continue // the rest of an earlier request
		}
		if m.flags&unix.NLM_F_DUMP_INTR != 0 {
			a.interrupted = true
		}
		if err := a.message(&m, row); err != nil && failed == nil {
			failed = err
			row = func([]byte) error { return nil }
		}
	}
	return failed
}

// message handles one message of the request.
func (a *answers) message(m *message, row func(body []byte) error) error {
	switch m.kind {
	case unix.NLMSG_NOOP:
		return nil
	case unix.NLMSG_OVERRUN:
		a.interrupted = true
		return nil
	case unix.NLMSG_DONE, unix.NLMSG_ERROR:
		a.done = true
		errno, err := m.errno()
		if err != nil {
			return err
		}
		return answerError(errno)
	}
	if a.kind != anyKind && m.kind != a.kind {
		return malformed("message of type %d instead of %d", m.kind, a.kind)
	}
	return row(m.body)
}
