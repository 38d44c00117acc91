package golang

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/sockleak/sockleak/internal/memory"
)

// self is the test's own program, with its memory.
func self(t testing.TB) Program {
	t.Helper()
	mem, err := memory.Open("/proc", os.Getpid(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mem.Close() })
	maps, err := mem.Maps()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range maps {
		if maps[i].Path != exe {
			continue
		}
		img, err := mem.Image(maps, &maps[i], exe)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { img.Close() })
		tab, addr := img.SectionData(".gopclntab")
		var data []Range
		for _, s := range img.Sections {
			if s.Flags&elf.SHF_ALLOC != 0 && s.Flags&elf.SHF_EXECINSTR == 0 && s.Type != elf.SHT_NOBITS {
				data = append(data, Range{s.Addr + img.Bias, s.Addr + img.Bias + s.Size})
			}
		}
		info, err := ReadBuildInfo(img.Raw())
		if err != nil {
			t.Fatal(err)
		}
		return Program{Memory: mem, Table: tab, Address: addr, Data: data, Info: info}
	}
	t.Fatal("the program is not mapped")
	return Program{}
}

func newTable(t testing.TB) *Table {
	t.Helper()
	tab, err := NewTable(self(t))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

//go:noinline
func deep(n int, at func()) {
	if n > 0 {
		deep(n-1, at)
		return
	}
	func() { at() }()
}

// The runtime itself says what is right.
func TestCallsAsTheRuntimeSees(t *testing.T) {
	tab := newTable(t)
	var pcs [40]uintptr
	n := 0
	deep(3, func() { n = runtime.Callers(1, pcs[:]) })
	for _, pc := range pcs[:n] {
		frames := runtime.CallersFrames([]uintptr{pc})
		got := tab.at(uint64(pc) - 1)
		for i := 0; ; i++ {
			want, more := frames.Next()
			if len(got) <= i {
				t.Fatalf("%#x has %d frames; want %s", pc, len(got), want.Function)
			}
			if got[i].Function != want.Function || got[i].File != want.File || got[i].Line != want.Line {
				t.Errorf("%#x: %+v; want %s %s:%d", pc, got[i].Frame, want.Function, want.File, want.Line)
			}
			if !more {
				break
			}
		}
	}
	if n < 6 {
		t.Errorf("only %d return addresses", n)
	}
}

func TestNoFunctionThere(t *testing.T) {
	tab := newTable(t)
	for _, pc := range []uint64{0, 1, tab.text - 1, tab.text, tab.etext, tab.etext + 1, 1<<64 - 1} {
		for _, f := range tab.Call(pc) {
			if pc != tab.text+1 && f.Function == "" {
				t.Errorf("%#x is in %+v", pc, f)
			}
		}
	}
	if got := tab.Callers(Stack{PC: tab.text + 100, SP: 8}); len(got) > 1 {
		t.Errorf("a stack that cannot be read: %x", got)
	}
}

// FuzzTable changes the table of a real program: nothing may panic, and
// nothing may take for ever.
func FuzzTable(f *testing.F) {
	p := self(f)
	text, err := io.ReadAll(io.NewSectionReader(p.Table, 0, 1<<26))
	if err != nil {
		f.Fatal(err)
	}
	good, err := NewTable(p)
	if err != nil {
		f.Fatal(err)
	}
	here, _, _, _ := runtime.Caller(0)
	fn, _ := good.function(uint64(here))
	seed := func(offset, value uint64) []byte {
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, offset), value)
	}
	for _, at := range []uint64{8, 24, 32, 48, 56, 64, fn.at, fn.at + 4, fn.at + 16, fn.at + 24, fn.at + 40, good.pcs + uint64(fn.pcln)} {
		f.Add(seed(at, 1<<63), uint64(here))
		f.Add(seed(at, 0), uint64(here))
	}
	f.Fuzz(func(t *testing.T, changes []byte, pc uint64) {
		damaged := bytes.Clone(text)
		for ; len(changes) >= 16; changes = changes[16:] {
			at := binary.LittleEndian.Uint64(changes) % uint64(len(damaged)-8)
			copy(damaged[at:], changes[8:16])
		}
		p.Table = bytes.NewReader(damaged)
		tab, err := NewTable(p)
		if err != nil {
			return
		}
		for _, pc := range []uint64{pc, uint64(here), tab.text + pc%(tab.etext-tab.text)} {
			tab.Frames(tab.Callers(Stack{PC: pc, SP: pc &^ 7}))
			tab.Statement(pc)
		}
	})
}

// FuzzRuntime makes pollDescs and goroutines of any bytes.
func FuzzRuntime(f *testing.F) {
	tab := newTable(f)
	f.Add(make([]byte, 1024), uint64(0x100)<<15, int32(0))
	f.Add(bytes.Repeat([]byte{1, 1, 0, 0, 0, 0, 0, 0}, 200), uint64(0x80), int32(257))
	f.Fuzz(func(t *testing.T, mem []byte, data uint64, fd int32) {
		r := NewRuntime(tab, "go1.26.0", bytes.NewReader(mem))
		p, ok := r.Poll(data, fd)
		if !ok {
			return
		}
		r.Still(bytes.NewReader(mem), p, fd)
		for _, g := range []uint64{p.Reader, p.Writer} {
			if _, ok := r.Goroutine(g); ok {
				t.Error("a goroutine of bytes that have no stack")
			}
		}
	})
}
