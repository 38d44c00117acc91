package native

import (
	"debug/dwarf"
	"debug/elf"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// lines finds lines in DWARF.
type lines struct {
	data  *dwarf.Data
	cache map[uint64][]socket.Frame
}

const (
	mostDebug   = 64 << 20 // bytes of debug sections: more take too long to read
	mostEntries = 1 << 18  // of one compilation unit
)

// newLines returns nil where there is no DWARF, or too much.
func newLines(f *elf.File) *lines {
	size := uint64(0)
	for _, s := range f.Sections {
		if strings.HasPrefix(s.Name, ".debug_") || strings.HasPrefix(s.Name, ".zdebug_") {
			size += s.Size
		}
	}
	if size == 0 || size > mostDebug || f.Section(".debug_line") == nil {
		return nil
	}
	data, err := f.DWARF()
	if err != nil {
		return nil
	}
	return &lines{data, map[uint64][]socket.Frame{}}
}

// at returns the functions at an address, the innermost first.
func (l *lines) at(pc uint64) []socket.Frame {
	if l == nil {
		return nil
	}
	frames, seen := l.cache[pc]
	if !seen {
		frames = l.find(pc)
		l.cache[pc] = frames
	}
	return append([]socket.Frame(nil), frames...)
}

func (l *lines) find(pc uint64) []socket.Frame {
	unit, err := l.data.Reader().SeekPC(pc)
	if err != nil {
		return nil
	}
	table, err := l.data.LineReader(unit)
	if err != nil || table == nil {
		return nil
	}
	here, ok := lineAt(table, pc)
	if !ok || here.File == nil {
		return nil
	}
	at := place{here.File.Name, here.Line}
	chain := l.chain(unit, pc)
	var frames []socket.Frame
	for i := len(chain) - 1; i >= 0; i-- {
		f := at.frame(l.name(chain[i]))
		f.Begin = l.begin(chain[i])
		frames = append(frames, f)
		at = callPlace(chain[i], table.Files())
	}
	if len(frames) == 0 {
		frames = append(frames, at.frame(""))
	}
	return frames
}

// lineAt returns the row of a line table that an address lies in. LineReader.SeekPC
// misses what stands before the first of the sequences, as main does in a section
// of its own (.text.startup): their order is any.
func lineAt(table *dwarf.LineReader, pc uint64) (found dwarf.LineEntry, ok bool) {
	const mostRows = 1 << 22
	last := dwarf.LineEntry{EndSequence: true}
	for range mostRows {
		var next dwarf.LineEntry
		if table.Next(&next) != nil {
			break
		}
		if !last.EndSequence && last.Address <= pc && pc < next.Address {
			return last, true
		}
		last = next
	}
	return found, false
}

type place struct {
	file string
	line int
}

func (p place) frame(function string) socket.Frame {
	if p.file == "" || p.line <= 0 { // line 0 is code that belongs to no line
		return socket.Frame{Function: function}
	}
	return socket.Frame{Function: function, File: p.file, Line: p.line}
}

// callPlace is where an inlined function was called.
func callPlace(e *dwarf.Entry, files []*dwarf.LineFile) (p place) {
	number, ok := e.Val(dwarf.AttrCallFile).(int64)
	if line, okLine := e.Val(dwarf.AttrCallLine).(int64); ok && okLine && number >= 0 && number < int64(len(files)) && files[number] != nil {
		p = place{files[number].Name, int(line)}
	}
	return p
}

// chain returns the functions that hold the address, the outermost first: one,
// and those that are inlined in it.
func (l *lines) chain(unit *dwarf.Entry, pc uint64) (chain []*dwarf.Entry) {
	r := l.data.Reader()
	r.Seek(unit.Offset)
	if _, err := r.Next(); err != nil {
		return nil
	}
	depth := 0
	for range mostEntries {
		e, err := r.Next()
		if err != nil || e == nil {
			break
		}
		if e.Tag == 0 {
			if depth--; depth < 0 {
				break
			}
			continue
		}
		enter := false
		switch e.Tag {
		case dwarf.TagSubprogram, dwarf.TagInlinedSubroutine:
			if enter = l.holds(e, pc); enter {
				chain = append(chain, e)
			}
		case dwarf.TagLexDwarfBlock:
			enter = l.holds(e, pc)
		case dwarf.TagNamespace, dwarf.TagStructType, dwarf.TagClassType, dwarf.TagEnumerationType, dwarf.TagUnionType:
			enter = true // Rust has functions in these
		}
		if e.Children {
			if enter {
				depth++
			} else {
				r.SkipChildren()
			}
		}
	}
	return chain
}

func (l *lines) holds(e *dwarf.Entry, pc uint64) bool {
	ranges, err := l.data.Ranges(e)
	if err != nil {
		return false
	}
	for _, r := range ranges {
		if r[0] <= pc && pc < r[1] {
			return true
		}
	}
	return false
}

// name returns the name of a function, which may stand where it was declared.
func (l *lines) name(e *dwarf.Entry) string {
	name, _ := l.attribute(e, dwarf.AttrName, 0).(string)
	return name
}

// begin returns the line at which a function begins; 0 when none is known.
func (l *lines) begin(e *dwarf.Entry) int {
	line, _ := l.attribute(e, dwarf.AttrDeclLine, 0).(int64)
	return int(max(line, 0))
}

// attribute returns what an entry, or else its declaration, says; nil for
// nothing.
func (l *lines) attribute(e *dwarf.Entry, what dwarf.Attr, depth int) any {
	if v := e.Val(what); v != nil {
		return v
	}
	const deepest = 4
	for _, attr := range []dwarf.Attr{dwarf.AttrAbstractOrigin, dwarf.AttrSpecification} {
		if offset, ok := e.Val(attr).(dwarf.Offset); ok && depth < deepest {
			r := l.data.Reader()
			r.Seek(offset)
			if origin, err := r.Next(); err == nil && origin != nil {
				return l.attribute(origin, what, depth+1)
			}
		}
	}
	return nil
}
