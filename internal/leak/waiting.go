package leak

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// waitingWords says which threads and goroutines wait for the sockets, and at
// which lines; "" where none is known. Those that are at the same lines are
// counted together.
func waitingWords(list []*socket.Socket) string {
	const most = 3
	type group struct {
		first *socket.Waiter
		n     int
		least time.Duration
		ids   map[uint64]bool // of one process: several sockets may have one waiter
	}
	var groups []*group
	at := map[string]*group{}
	for _, s := range list {
		if s.Watch == nil {
			continue
		}
		for i := range s.Watch.Waiters {
			w := &s.Watch.Waiters[i]
			key := string(w.Kind) + w.CallName() + deadlineWords(w) + stackWords(w)
			g := at[key]
			if g == nil {
				g = &group{first: w, ids: map[uint64]bool{}}
				at[key], groups = g, append(groups, g)
			}
			id := w.ID ^ uint64(w.Process.PID)<<32
			if !g.ids[id] {
				g.ids[id] = true
				g.n++
			}
			g.least = max(g.least, w.For)
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int { return b.n - a.n })
	var parts []string
	for i, g := range groups {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more places", len(groups)-most))
			break
		}
		who := fmt.Sprintf("%s %d", g.first.Kind, g.first.ID)
		if g.n > 1 {
			who = words.Plural(g.n, string(g.first.Kind))
		}
		if g.n == 1 && g.first.Name != "" && len(g.first.Frames) == 0 {
			who += " (" + g.first.Name + ")" // all that tells threads of a JVM apart
		}
		text := who + " in " + g.first.CallName()
		if g.least >= time.Second {
			text += " for " + words.Span(g.least)
		}
		if g.first.Loop != "" {
			text += ", the " + g.first.Loop + " loop"
		}
		parts = append(parts, text+deadlineWords(g.first)+stackWords(g.first))
	}
	return strings.Join(parts, "; ")
}

// deadlineWords says whether it gives up by itself. Threads rarely do: of those
// it is said where it matters.
func deadlineWords(w *socket.Waiter) string {
	switch {
	case !w.TimeoutKnown || w.Kind == socket.ThreadWaiter && w.Timeout == 0:
		return ""
	case w.Timeout == 0:
		return ", no deadline"
	}
	return ", with a deadline"
}

// stackWords says where it is: the innermost frames of the program's own code,
// or where there are none, that of the library.
func stackWords(w *socket.Waiter) string {
	const most = 3
	var frames []string
	for i := range w.Frames {
		if f := &w.Frames[i]; f.Own && len(frames) < most {
			frames = append(frames, FrameWords(f))
		}
	}
	if len(frames) == 0 {
		for i := range w.Frames {
			if f := &w.Frames[i]; f.Line > 0 || i == len(w.Frames)-1 {
				frames = append(frames, FrameWords(f))
				break
			}
		}
	}
	text := ""
	if len(frames) > 0 {
		text = ": " + strings.Join(frames, " < ")
	}
	if w.Start != nil {
		text += ", started at " + FrameWords(w.Start)
	}
	return text
}

// PlaceWords is the file and line where a waiter is: that of the program's own
// code, or where there is none, of the library; "" when no line is known.
func PlaceWords(w *socket.Waiter) string {
	at := w.Own()
	for i := 0; at == nil && i < len(w.Frames); i++ {
		if w.Frames[i].Line > 0 {
			at = &w.Frames[i]
		}
	}
	if at == nil || at.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", path.Base(at.File), at.Line)
}

// FrameWords is a function without its folders, with its line.
func FrameWords(f *socket.Frame) string {
	name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
	if f.Line > 0 {
		name += fmt.Sprintf(" %s:%d", path.Base(f.File), f.Line)
	}
	return strings.TrimSpace(name)
}
