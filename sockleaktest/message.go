package sockleaktest

import (
	"fmt"
	"strings"
	"time"
)

// maxListed is how many descriptors of a group are listed.
const maxListed = 3

// message says what was left open, a paragraph for each kind of leak.
func message(left []Socket, settle time.Duration, p program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "found %s still open %s after the test:", plural(len(left), "socket"), settle)
	groups := groupUp(pairUp(left), p)
	for i, g := range groups {
		if i == maxGroups {
			fmt.Fprintf(&b, "\n  and %s more: sockleaktest.Find returns all of them", plural(len(groups)-i, "kind"))
			break
		}
		b.WriteString("\n  " + g.title())
		for _, note := range g.notes {
			b.WriteString("\n        " + note)
		}
	}
	return b.String()
}

// title is the first line of a group.
func (g group) title() string {
	first := g.leaks[0]
	if len(g.leaks) == 1 {
		return first.title()
	}
	text := fmt.Sprintf("%d x %s", len(g.leaks), first.kind())
	if g.place != "" {
		text += " " + g.place
	}
	var listed []string
	for i, l := range g.leaks {
		if i == maxListed {
			listed = append(listed, fmt.Sprintf("%d more", len(g.leaks)-i))
			break
		}
		listed = append(listed, l.descriptors(true))
	}
	return text + first.states() + details(strings.Join(listed, ", "), g.leaks)
}

// title is the line of a single leak, with its addresses.
func (l leak) title() string {
	text := l.kind()
	if at := l.end.local(); at != "" {
		text += " " + at
	}
	if to := l.end.remote(); to != "" {
		text += " -> " + to
	}
	return text + l.states() + details(l.descriptors(false), []leak{l})
}

// details stand in parentheses at the end of a title.
func details(descriptors string, leaks []leak) string {
	text := "fd " + descriptors
	if s := leaks[0].end; leaks[0].peer == nil && (s.Role == Accepted || s.Role == Opened) {
		text = s.Role.String() + ", " + text
	}
	return " (" + text + unread(leaks) + ")"
}

// descriptors are the leak's descriptors. Among several, those that wait for
// clients need their address too.
func (l leak) descriptors(several bool) string {
	switch {
	case l.peer != nil:
		return fmt.Sprintf("%d and %d", l.end.FD, l.peer.FD)
	case several && !l.end.connected && l.end.local() != "":
		return fmt.Sprintf("%d %s", l.end.FD, l.end.local())
	}
	return fmt.Sprint(l.end.FD)
}

// unread says how many bytes nobody has read.
func unread(leaks []leak) string {
	n := 0
	for _, l := range leaks {
		n += l.end.Unread
		if l.peer != nil {
			n += l.peer.Unread
		}
	}
	if n == 0 {
		return ""
	}
	return ", " + plural(n, "byte") + " unread"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
