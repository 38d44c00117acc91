package sockleaktest

import (
	"runtime"
	"strconv"
	"strings"
)

// goroutine is one paragraph of runtime.Stack.
type goroutine struct {
	id      int
	state   string  // such as "IO wait" or "select, 2 minutes"
	frames  []frame // the innermost first
	creator frame   // what the go statement stands in; zero for main
}

// frame is a function that a goroutine is in.
type frame struct {
	function string // with its import path
	args     string // as printed: words in hexadecimal
	file     string
	line     int
}

// maxStack bounds the memory for stacks: some 20,000 goroutines.
const maxStack = 16 << 20

// goroutines returns all goroutines, the calling one first. It is false when
// there are too many to see all of them.
func goroutines() ([]goroutine, bool) {
	for size := 64 << 10; ; size *= 4 {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < size || size >= maxStack {
			return parseStacks(string(buf[:n])), n < size
		}
	}
}

// parseStacks reads what runtime.Stack writes. What it does not understand it
// leaves out.
func parseStacks(text string) (list []goroutine) {
	for _, paragraph := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(paragraph), "\n")
		g, ok := parseHeader(lines[0])
		if !ok {
			continue
		}
		for i := 1; i+1 < len(lines); i += 2 {
			if strings.HasPrefix(lines[i], "...") { // frames elided: a line of its own
				i--
				continue
			}
			f := parseFrame(lines[i], lines[i+1])
			if name := strings.TrimPrefix(f.function, "created by "); name != f.function {
				f.function, _, _ = strings.Cut(name, " in goroutine ")
				g.creator = f
				break
			}
			g.frames = append(g.frames, f)
		}
		list = append(list, g)
	}
	return list
}

// parseHeader reads "goroutine 8 [IO wait, 2 minutes]:".
func parseHeader(line string) (g goroutine, ok bool) {
	rest, ok := strings.CutPrefix(line, "goroutine ")
	if !ok {
		return g, false
	}
	number, rest, _ := strings.Cut(rest, " ")
	_, rest, _ = strings.Cut(rest, "[")
	g.state, _, _ = strings.Cut(rest, "]")
	id, err := strconv.Atoi(number)
	g.id = id
	return g, err == nil
}

// parseFrame reads "pkg.f(0x1, {0x2, 0x3})" and "\t/path/file.go:12 +0x1d".
func parseFrame(call, place string) frame {
	f := frame{function: call}
	if open := strings.LastIndexByte(call, '('); open > 0 && strings.HasSuffix(call, ")") {
		f.function, f.args = call[:open], call[open+1:len(call)-1]
	}
	place = strings.TrimSpace(place)
	if space := strings.LastIndex(place, " +0x"); space >= 0 {
		place = place[:space]
	}
	if colon := strings.LastIndexByte(place, ':'); colon >= 0 {
		f.file = place[:colon]
		f.line, _ = strconv.Atoi(place[colon+1:])
	}
	return f
}

// in reports whether the goroutine is in a function.
func (g goroutine) in(function string) bool {
	for _, f := range g.frames {
		if f.function == function {
			return true
		}
	}
	return false
}

// top is the innermost function.
func (g goroutine) top() string {
	if len(g.frames) == 0 {
		return ""
	}
	return g.frames[0].function
}
