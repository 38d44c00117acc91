package source

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sockleak/sockleak/internal/socket"
)

// Gap notes something that could not be seen. Gaps that differ only in their
// count are added up.
func (b *Builder) Gap(g socket.Gap) {
	g.Count = max(g.Count, 1)
	for i := range b.snap.Gaps {
		have := &b.snap.Gaps[i]
		if have.Where == g.Where && have.Why == g.Why && have.Hint == g.Hint && have.Blinds == g.Blinds {
			have.Count += g.Count
			return
		}
	}
	b.snap.Gaps = append(b.snap.Gaps, g)
}

// Blind reports whether something hides sockets of a target.
func (b *Builder) Blind() bool { return b.snap.Blind() || b.unread != nil }

// Partial notes that a table was not read to its end, or not at all: that a
// socket is in none proves nothing.
func (b *Builder) Partial() { b.partial = true }

// IsPartial reports whether Partial was called.
func (b *Builder) IsPartial() bool { return b.partial }

// Unreadable notes that something of a process could not be read. It blinds
// when the user asked for that process. A process that is gone is no gap.
func (b *Builder) Unreadable(p *socket.Process, what string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	g := socket.Gap{Where: fmt.Sprintf("%s of pid %d", what, p.ID.PID), Why: Reason(err), Blinds: p.Target}
	if errors.Is(err, fs.ErrPermission) {
		g.Hint = "run as its user or as root, or give sockleak CAP_SYS_PTRACE; sockleak doctor says how"
	}
	switch {
	case b.every && b.unread == nil:
		b.unread = &g
		return
	case b.every:
		return
	case !p.Target:
		g.Where = what + " of child processes that run other programs"
	}
	b.Gap(g)
}

// account notes how many processes and descriptors are only counted: what
// nothing is known of is never clean.
func (b *Builder) account() {
	for i := range b.snap.Processes {
		if p := &b.snap.Processes[i]; p.Target && p.SocketFDs < 0 {
			b.snap.Unread++
		}
	}
	if all := len(b.snap.Processes); b.unread != nil && b.snap.Unread > 0 {
		g := *b.unread
		g.Where = fmt.Sprintf("%d of %d processes", b.snap.Unread, all)
		g.Why = fmt.Sprintf("%s: %d of %d processes could be read", g.Why, all-b.snap.Unread, all)
		g.Count, g.Blinds = 1, true
		b.Gap(g)
	}
	if b.over > 0 {
		b.Gap(socket.Gap{Where: fmt.Sprintf("which descriptors refer to sockets that have more than %d", socket.MaxHolders),
			Count: b.over, Why: "the others are only counted"})
	}
}

// Reason turns an error into the one-line reason of a gap.
func Reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "it is gone"
	}
	return err.Error()
}
