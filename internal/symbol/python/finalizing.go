package python

import (
	"io"

	"github.com/sockleak/sockleak/internal/memory"
)

// Finalizing returns the address of the word of _PyRuntime that is 0 until the
// interpreter of release 3.minor shuts down (Py_FinalizeEx): threads have been
// joined and the functions of atexit called, and what the program has left is
// going to be destroyed.
func Finalizing(mem io.ReaderAt, minor int, runtime uint64) (addr uint64, err error) {
	words := memory.Words{ReaderAt: mem}
	switch {
	case minor == 9 || minor == 10:
		return runtime + 16, nil
	case minor == 11 || minor == 12:
		return runtime + 24, nil
	case minor >= 13: // _Py_DebugOffsets.runtime_state.finalizing
		head, _ := words.Bytes(runtime, 8, 8)
		offset, ok := words.Uint64(runtime + 4*8)
		if ok && string(head) == debugCookie && offset%8 == 0 && offset < 1<<20 {
			return runtime + offset, nil
		}
	}
	return 0, ErrRelease
}
