package golang

import (
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Frames turns return addresses into frames. Those of the runtime and of
// package internal/poll, with which every stack of a goroutine begins and ends,
// are left out.
func (t *Table) Frames(pcs []uint64) []socket.Frame {
	var frames []socket.Frame
	for _, pc := range pcs {
		frames = append(frames, t.Call(pc)...)
	}
	first := 0
	for first < len(frames) && machinery(frames[first].Function) {
		first++
	}
	if first == len(frames) {
		return nil
	}
	frames = frames[first:]
	return slices.DeleteFunc(frames, func(f socket.Frame) bool {
		return f.Function == "runtime.goexit" || f.Function == "runtime.main"
	})
}

func machinery(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/poll.") ||
		strings.HasPrefix(function, "internal/runtime/") || strings.HasPrefix(function, "runtime/internal/")
}

// Statement returns the place of a go statement, by the return address that
// the goroutine keeps; nil when it is not known.
func (t *Table) Statement(creator uint64) *socket.Frame {
	if frames := t.Call(creator); len(frames) > 0 {
		return &frames[0]
	}
	return nil
}
