package sockleaktest

import (
	"fmt"
	"net"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// where says in a few words what a goroutine is doing: the innermost function
// that is not of the standard library, else its outermost one and what
// started it.
func (g goroutine) where() string {
	prefix := standardLibrary()
	for _, f := range g.frames {
		if !f.standard(prefix) {
			return fmt.Sprintf("%s (%s:%d)", f.function, filepath.Base(f.file), f.line)
		}
	}
	outermost := ""
	if n := len(g.frames); n > 0 {
		outermost = g.frames[n-1].function
	}
	if g.creator.function == "" {
		return outermost
	}
	if !g.creator.standard(prefix) {
		return fmt.Sprintf("%s, started by %s (%s:%d)", outermost, g.creator.function, filepath.Base(g.creator.file), g.creator.line)
	}
	return outermost + ", started by " + g.creator.function
}

// standard reports whether a function belongs to the standard library, whose
// files have a common prefix. With -trimpath that is empty, and the import
// path has to tell: that of a module usually has a dot in its first element.
func (f frame) standard(prefix string) bool {
	if prefix != "" {
		return strings.HasPrefix(f.file, prefix)
	}
	dir, base := path.Split(f.function)
	base, _, _ = strings.Cut(base, ".")
	first, _, _ := strings.Cut(dir+base, "/")
	return !strings.Contains(first, ".") && first != "main"
}

// standardLibrary returns the directory of the standard library's source as
// stacks show it, with a slash at its end, or "".
func standardLibrary() string {
	dial := reflect.ValueOf(net.Dial).Pointer()
	file, _ := runtime.FuncForPC(dial).FileLine(dial)
	return strings.TrimSuffix(filepath.ToSlash(file), "net/dial.go")
}
