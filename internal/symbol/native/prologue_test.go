package native

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/memory"
)

// The beginnings of functions, as gcc and clang have written them.
func TestPrologues(t *testing.T) {
	for _, tc := range []struct {
		name, code string
		size       uint64
		saved      []uint64
		ok         bool
	}{
		{"endbr64; push %rbp; mov %rsp,%rbp; sub $0x1020,%rsp; mov %edi,-0x1014(%rbp)", "f30f1efa 55 4889e5 4881ec20100000 89bdecefffff", 0x1028, []uint64{6}, true},
		{"push %r12; push %rbx; mov %edi,%ebx; sub $0x18,%rsp; mov %fs:0x28,%rax", "4154 53 89fb 4883ec18 64488b042528000000", 0x28, []uint64{12, 3}, true},
		{"add $-0x80,%rsp", "4883c480", 0x80, nil, true},
		{"sub $0x1000,%rsp; orq $0x0,(%rsp); sub $0x18,%rsp", "4881ec00100000 48830c2400 4883ec18", 0x1018, nil, true},
		{"push %rbx; test %edi,%edi; je; push %rbp", "53 85ff 7405 55", 16, []uint64{3}, true},
		{"push %rbx; test %edi,%edi; je; add $8,%rsp; pop %rbx; ret; call", "53 85ff 7405 4883c408 5b c3 e800000000", 8, []uint64{3}, true},
		{"sub $0x18,%rsp; movaps %xmm0,(%rsp); lea 0x8(%rsp),%rdi; mov $0x1,%eax", "4883ec18 0f290424 488d7c2408 b801000000", 0x18, nil, true},
		{"and $-0x10,%rsp", "55 4889e5 4883e4f0", 0, nil, false},
		{"mov %rbp,%rsp", "4889ec", 0, nil, false},
		{"lea -0x20(%rbp),%rsp", "488d65e0", 0, nil, false},
		{"sub $0x10,%rsp; movslq %edi,%rsi; push $0x0; xor %r9d,%r9d", "4883ec10 4863f7 6a00 4531c9", 0x18, nil, true},
		{"nothing", "", 0, nil, true},
	} {
		code, err := hex.DecodeString(string(slices.DeleteFunc([]byte(tc.code), func(b byte) bool { return b == ' ' })))
		if err != nil {
			t.Fatal(err)
		}
		mem := memory.Words{ReaderAt: bytes.NewReader(append(make([]byte, 16), code...))}
		p, ok := readPrologue(mem, 16, 16+uint64(len(code)))
		if ok != tc.ok || ok && (p.size != tc.size || !slices.Equal(p.saved, tc.saved)) {
			t.Errorf("%s: %+v, %v; want %#x, %v", tc.name, p, ok, tc.size, tc.saved)
		}
	}
}

func TestCalls(t *testing.T) {
	for _, tc := range []struct {
		code string // before the return address
		to   uint64
		ok   bool
	}{
		{"9090e8f0ffffff", 0x20 - 16, true}, // call .-16
		{"909090909090ff", 0, false},
		{"9090909090ffd0", 0, true}, // call *%rax
		{"9090909041ffd4", 0, true}, // call *%r12
		{"90ff1500100000", 0, true}, // call *0x1000(%rip)
		{"90909090ff5008", 0, true}, // call *0x8(%rax)
		{"9090909090ffe0", 0, false},
	} {
		code, err := hex.DecodeString(tc.code)
		if err != nil {
			t.Fatal(err)
		}
		mem := memory.Words{ReaderAt: bytes.NewReader(append(make([]byte, 0x20-len(code)), code...))}
		to, ok := calls(mem, &Unwinder{Executable: func(uint64) bool { return true }}, 0x20)
		if to != tc.to || ok != tc.ok {
			t.Errorf("%s: %#x, %v; want %#x, %v", tc.code, to, ok, tc.to, tc.ok)
		}
		if _, ok := calls(mem, &Unwinder{Executable: func(uint64) bool { return false }}, 0x20); ok {
			t.Errorf("%s: a call where no instructions are", tc.code)
		}
	}
}

// FuzzPrologue decodes any instructions: nothing may panic or go on for ever.
func FuzzPrologue(f *testing.F) {
	f.Add([]byte{0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x10}, uint64(0), uint64(8), uint64(0))
	f.Fuzz(func(t *testing.T, mem []byte, begin, pc, sp uint64) {
		u := Unwinder{Memory: bytes.NewReader(mem), Machine: AMD64,
			Section:    func(uint64) Section { return Section{} },
			Executable: func(pc uint64) bool { return pc < uint64(len(mem)) },
			Begin:      func(uint64) uint64 { return begin },
		}
		if n := len(u.Callers(Registers{PC: pc, SP: sp})); n > MostFrames {
			t.Errorf("%d frames", n)
		}
	})
}
