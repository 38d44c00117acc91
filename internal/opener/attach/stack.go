//go:build linux && amd64

package attach

import (
	"encoding/binary"
	"unsafe"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/symbol/native"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// parseStack reads a struct stack, of which only the words that were written are
// sent.
func parseStack(data []byte) (s birthsStack, ok bool) {
	const head = int(unsafe.Offsetof(s.Data))
	if len(data) < head || len(data) > binary.Size(&s)+8 {
		return s, false
	}
	full := make([]byte, binary.Size(&s))
	copy(full, data)
	if _, err := binary.Decode(full, binary.LittleEndian, &s); err != nil {
		return s, false
	}
	return s, int(s.Words) <= len(s.Data) && head+8*int(s.Words) <= len(data)
}

// place is where the thread was, in the words of package opener.
func place(s *birthsStack) opener.Place {
	p := opener.Place{
		PID: int(s.Tgid), TID: int(s.Tid), Image: s.Image, Creator: s.Creator,
		Registers: native.Registers{PC: s.Ip, SP: s.Sp, Others: map[uint64]uint64{
			3: s.Bx, 6: s.Bp, 12: s.R12, 13: s.R13, 14: s.R14, 15: s.R15, // psABI, figure 3.36
		}},
	}
	words := s.Data[:s.Words]
	switch s.Kind {
	case birthsKindKIND_GO:
		p.Calls = append(p.Calls, words...)
	case birthsKindKIND_PYTHON:
		for i := 0; i+1 < len(words); i += 2 {
			p.Python = append(p.Python, python.Position{Code: words[i], Instruction: words[i+1]})
		}
	default:
		for _, w := range words {
			p.Stack = binary.LittleEndian.AppendUint64(p.Stack, w)
		}
	}
	if p.Stack == nil {
		p.Stack = []byte{} // the thread runs on: its memory is not what it was
	}
	return p
}
