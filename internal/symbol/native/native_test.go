package native

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"

	"github.com/sockleak/sockleak/internal/memory"
)

func TestReadable(t *testing.T) {
	for name, want := range map[string]string{
		"main":                              "main",
		"_ZN3app5fetch17h0123456789abcdefE": "app::fetch",
		"_ZN6Server4openEv":                 "Server::open",
		"_ZNSt6vectorIiE":                   "_ZNSt6vectorIiE",
		"_ZN":                               "_ZN",
		"_ZN999xE":                          "_ZN999xE",
		"_Z4openv":                          "_Z4openv",
	} {
		if got := readable(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// frames is an .eh_frame with one function at 0x1000 to 0x1100, made by hand:
// push %rbx at its beginning, sub $0x20,%rsp behind it.
func frames() []byte {
	cie := []byte{
		0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x00, // code alignment 1, data alignment -8, absolute pointers
		0x0c, 7, 8, 0x80 | 16, 1, // def_cfa rsp+8, return address at cfa-8
	}
	fde := []byte{0, 0, 0, 0}
	fde = binary.LittleEndian.AppendUint64(fde, 0x1000)
	fde = binary.LittleEndian.AppendUint64(fde, 0x100)
	fde = append(fde, 0, 0x41, 0x0e, 16, 0x80|3, 2, 0x44, 0x0e, 48) // after 1 byte: rbx at cfa-16; after 4 more: 48
	var out []byte
	out = binary.LittleEndian.AppendUint32(out, uint32(len(cie)))
	out = append(out, cie...)
	at := len(out)
	binary.LittleEndian.PutUint32(fde, uint32(at+4))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(fde)))
	out = append(out, fde...)
	return append(out, 0, 0, 0, 0)
}

func TestRows(t *testing.T) {
	text := frames()
	s := Section{Start: 0, Size: uint64(len(text))}
	mem := memory.Words{ReaderAt: bytes.NewReader(text)}
	for pc, want := range map[uint64]int64{0x1000: 8, 0x1001: 16, 0x1004: 16, 0x1005: 48, 0x10ff: 48} {
		f, ok := s.scan(mem, pc)
		if !ok {
			t.Fatalf("%#x has no function", pc)
		}
		r, ok := f.rowAt(pc)
		if !ok || r.base != uint64(AMD64) || r.offset != want || r.rules[16] != (rule{kind: saved, offset: -8}) {
			t.Errorf("%#x: frame address %d%+d, %v; want %+d", pc, r.base, r.offset, ok, want)
		}
		if inside := pc > 0x1000; inside != (r.rules[3] == rule{kind: saved, offset: -16}) {
			t.Errorf("%#x: rbx is %+v", pc, r.rules[3])
		}
	}
	for _, pc := range []uint64{0, 0xfff, 0x1100, 1 << 63} {
		if _, ok := s.scan(mem, pc); ok {
			t.Errorf("%#x has a function", pc)
		}
	}
}

// FuzzUnwind reads tables and stacks of any bytes: nothing may panic or go on
// for ever.
func FuzzUnwind(f *testing.F) {
	f.Add(frames(), uint64(0x1005), uint64(8), uint64(0))
	header := append([]byte{1, 0x1b, 3, 0x3b, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0, 38, 0, 0, 0}, frames()...)
	f.Add(header, uint64(0x1005), uint64(8), uint64(1))
	f.Fuzz(func(t *testing.T, mem []byte, pc, sp, at uint64) {
		u := Unwinder{Memory: bytes.NewReader(mem), Machine: AMD64, Section: func(uint64) Section {
			if at%2 == 1 {
				return Section{Header: at &^ 1, Start: 1}
			}
			return Section{Start: 1 + at, Size: uint64(len(mem))}
		}}
		if n := len(u.Callers(Registers{PC: pc, SP: sp})); n > MostFrames {
			t.Errorf("%d frames", n)
		}
		find(memory.Words{ReaderAt: u.Memory}, 0, pc)
	})
}

// FuzzSymbols reads ELF files and DWARF of any bytes.
func FuzzSymbols(f *testing.F) {
	f.Add([]byte("\x7fELF\x02\x01\x01"), uint64(1))
	f.Fuzz(func(t *testing.T, text []byte, pc uint64) {
		var err error
		defer memory.Guard(&err) // as its users do
		if file, err := elf.NewFile(bytes.NewReader(text)); err == nil {
			NewSymbols(file, "x", true).At(pc)
		}
	})
}
