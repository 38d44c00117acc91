package native

import (
	"debug/elf"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Symbols names the functions and lines of one ELF file. Addresses are those in
// the file. It is to be used where a panic is caught, see package memory.
type Symbols struct {
	module     string
	executable bool
	functions  []elf.Symbol // by address
	lines      *lines       // nil without DWARF
}

// NewSymbols reads the symbols of a file. executable says that it is the
// process's program, and no library.
func NewSymbols(f *elf.File, module string, executable bool) *Symbols {
	s := &Symbols{module: module, executable: executable, lines: newLines(f)}
	var static, dynamic []elf.Symbol
	if !large(f, elf.SHT_SYMTAB) {
		static, _ = f.Symbols()
	}
	if !large(f, elf.SHT_DYNSYM) {
		dynamic, _ = f.DynamicSymbols()
	}
	for _, list := range [][]elf.Symbol{static, dynamic} {
		for i := range list {
			if kind := elf.ST_TYPE(list[i].Info); (kind == elf.STT_FUNC || kind == sttGNUIFunc) && list[i].Value != 0 && list[i].Size != 0 {
				s.functions = append(s.functions, list[i])
			}
		}
	}
	slices.SortStableFunc(s.functions, func(a, b elf.Symbol) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	return s
}

// large reports whether a file has more symbols than are worth the time.
func large(f *elf.File, table elf.SectionType) bool {
	const most = 16 << 20 // bytes, of 24 a symbol
	s := f.SectionByType(table)
	return s != nil && s.Size > most
}

const sttGNUIFunc = 10 // STT_GNU_IFUNC: chosen when the program was started

// At returns the functions at an address, the innermost first: more than one
// where calls were inlined. It is empty when none is known.
func (s *Symbols) At(pc uint64) []socket.Frame {
	frames := s.lines.at(pc)
	if len(frames) == 0 || frames[len(frames)-1].Function == "" {
		name := s.symbol(pc)
		switch {
		case name == "" && len(frames) == 0:
			return nil
		case len(frames) == 0:
			frames = []socket.Frame{{Function: name}}
		default:
			frames[len(frames)-1].Function = name
		}
	}
	for i := range frames {
		frames[i].Module = s.module
		// In a program with DWARF what has no line was linked from elsewhere.
		known := frames[i].File != "" || s.lines == nil
		frames[i].Own = s.executable && known && !fromRegistry(frames[i].File)
	}
	return frames
}

// symbol returns the name of the function that an address lies in; "" where
// none covers it, as in a stripped program.
func (s *Symbols) symbol(pc uint64) string {
	if f := s.function(pc); f != nil {
		return readable(f.Name)
	}
	return ""
}

// Begin returns where the function begins that an address lies in; 0 where no
// symbol covers it.
func (s *Symbols) Begin(pc uint64) uint64 {
	if f := s.function(pc); f != nil {
		return f.Value
	}
	return 0
}

func (s *Symbols) function(pc uint64) *elf.Symbol {
	i, _ := slices.BinarySearchFunc(s.functions, pc, func(f elf.Symbol, pc uint64) int {
		if f.Value <= pc {
			return -1
		}
		return 1
	})
	for i--; i >= 0 && s.functions[i].Value+1<<20 > pc; i-- {
		if pc-s.functions[i].Value < s.functions[i].Size {
			return &s.functions[i]
		}
	}
	return nil
}

// fromRegistry reports whether a source file is of Rust's standard library, of a
// package that cargo has downloaded, or a header of the system.
func fromRegistry(file string) bool {
	for _, prefix := range []string{"/rustc/", "/usr/include/", "/usr/local/include/"} {
		if strings.HasPrefix(file, prefix) {
			return true
		}
	}
	// Debian's rustc has its library below /usr/src/rustc-RELEASE.
	for _, part := range []string{"/.cargo/registry/", "/.cargo/git/", "/library/std/src/", "/library/core/src/", "/library/alloc/src/"} {
		if strings.Contains(file, part) {
			return true
		}
	}
	return false
}

// readable writes the plain part of a mangled name: _ZN3app5fetch17h0123456789abcdefE
// is app::fetch. What has more in it, such as types, stays as it is.
func readable(name string) string {
	rest, ok := strings.CutPrefix(name, "_ZN")
	if !ok {
		return name
	}
	var parts []string
	for rest != "" && rest[0] != 'E' {
		n := 0
		digits := 0
		for digits < len(rest) && digits < 4 && rest[digits] >= '0' && rest[digits] <= '9' {
			n = 10*n + int(rest[digits]-'0')
			digits++
		}
		if digits == 0 || n == 0 || n > len(rest)-digits {
			return name
		}
		parts = append(parts, rest[digits:digits+n])
		rest = rest[digits+n:]
	}
	if n := len(parts); n > 1 && len(parts[n-1]) == 17 && parts[n-1][0] == 'h' {
		parts = parts[:n-1] // Rust's hash
	}
	if len(parts) == 0 {
		return name
	}
	return strings.Join(parts, "::")
}
