package python

import (
	"strings"
	"unicode/utf16"

	"github.com/sockleak/sockleak/internal/socket"
)

const (
	mostCode = 1 << 24 // bytes of instructions
	mostText = 4096    // characters of a name
)

// code is what a code object says.
type code struct {
	socket.Frame
	table []byte
	first int
	units int       // instructions, of two bytes each
	marks [4]uint64 // by which it is known again: the pointers in it, and first
}

// code reads a code object. What was read of it before is good while it has the
// same texts.
func (in *Interpreter) code(at uint64) (c code, ok bool) {
	l := &in.layout
	var marks [4]uint64
	for i, offset := range []uint64{l.name, l.file, l.lineTable, l.firstLine} {
		marks[i], _ = in.mem.Uint64(at + offset)
	}
	if c, ok := in.codes[at]; ok && c.marks == marks {
		return c, c.File != ""
	}
	defer func() {
		c.marks = marks
		if len(in.codes) < 1<<14 {
			in.codes[at] = c
		}
	}()
	if at == 0 || at%8 != 0 || in.typeName(at) != "code" {
		return code{}, false
	}
	name, okName := in.textAt(at + l.name)
	file, okFile := in.textAt(at + l.file)
	table, okTable := in.bytesAt(at + l.lineTable)
	first, okFirst := in.mem.Uint32(at + l.firstLine)
	if !okName || !okFile || !okTable || !okFirst || file == "" {
		return code{}, false
	}
	c = code{Frame: socket.Frame{Function: name, File: file, Begin: max(int(int32(first)), 0)}, table: table, first: int(int32(first)), units: mostCode}
	if l.units != 0 { // a thread of a free-threaded build may run a copy of the code, elsewhere
		units, _ := in.mem.Uint64(at + l.units)
		c.units = int(min(units, mostCode))
	}
	c.Module, c.Own = whose(file)
	return c, true
}

// typeName returns the name of an object's type.
func (in *Interpreter) typeName(object uint64) string {
	kind, ok := in.mem.Uint64(object + in.layout.objectType)
	if !ok {
		return ""
	}
	name, _ := in.mem.Uint64(kind + in.layout.typeName)
	const longest = 256
	text, _ := in.mem.CString(name, longest)
	return text
}

// textAt returns the str that the pointer at an address points to.
func (in *Interpreter) textAt(at uint64) (text string, ok bool) {
	object, ok := in.mem.Uint64(at)
	if !ok || object == 0 {
		return "", false
	}
	return in.str(object)
}

// text returns a str; "" of what is none.
func (in *Interpreter) text(object uint64) string {
	if object == 0 || object%8 != 0 || in.typeName(object) != "str" {
		return ""
	}
	text, _ := in.str(object)
	return text
}

// str reads a str (PEP 393: one, two or four bytes a character).
func (in *Interpreter) str(object uint64) (text string, ok bool) {
	l := &in.layout
	length, ok1 := in.mem.Uint64(object + l.textLength)
	state, ok2 := in.mem.Uint32(object + l.textState)
	if !ok1 || !ok2 || length > mostText {
		return "", false
	}
	state >>= l.textKind
	width, compact, ascii := uint64(state&7), state>>3&1 == 1, state>>4&1 == 1
	if !compact || width != 1 && width != 2 && width != 4 {
		return "", false
	}
	begin := object + l.wide
	if ascii {
		begin = object + l.ascii
	}
	data, ok := in.mem.Bytes(begin, length*width, 4*mostText)
	return decode(data, int(width)), ok
}

func decode(data []byte, width int) string {
	var b strings.Builder
	var units []uint16
	for i := 0; i+width <= len(data); i += width {
		switch width {
		case 1:
			b.WriteRune(rune(data[i]))
		case 2:
			units = append(units, uint16(data[i])|uint16(data[i+1])<<8)
		case 4:
			b.WriteRune(rune(uint32(data[i]) | uint32(data[i+1])<<8 | uint32(data[i+2])<<16 | uint32(data[i+3])<<24))
		}
	}
	b.WriteString(string(utf16.Decode(units)))
	return b.String()
}

// bytesAt returns the bytes object that the pointer at an address points to.
func (in *Interpreter) bytesAt(at uint64) ([]byte, bool) {
	object, ok := in.mem.Uint64(at)
	if !ok || object == 0 {
		return nil, false
	}
	size, ok := in.mem.Uint64(object + in.layout.bytesSize)
	if !ok {
		return nil, false
	}
	return in.mem.Bytes(object+in.layout.bytesValue, size, 1<<20)
}

// whose tells by the file whether code is the program's own: it lies neither in
// the standard library, nor among installed packages, nor in the interpreter.
func whose(file string) (module string, own bool) {
	for _, dir := range []string{"/site-packages/", "/dist-packages/"} {
		if i := strings.LastIndex(file, dir); i >= 0 {
			module, _, _ = strings.Cut(file[i+len(dir):], "/")
			return strings.TrimSuffix(module, ".py"), false
		}
	}
	if strings.HasPrefix(file, "<frozen ") || inStandardLibrary(file) {
		return "std", false
	}
	return "", true
}

// inStandardLibrary reports whether the file is below lib/python3.N.
func inStandardLibrary(file string) bool {
	for {
		i := strings.Index(file, "/python3.")
		if i < 0 {
			return false
		}
		before := file[:i]
		file = file[i+len("/python3."):]
		digits := strings.TrimLeft(file, "0123456789")
		if len(digits) < len(file) && strings.HasPrefix(strings.TrimPrefix(digits, "t"), "/") && (strings.HasSuffix(before, "/lib") || strings.HasSuffix(before, "/lib64")) {
			return true
		}
	}
}
