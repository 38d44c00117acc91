package golang

import "encoding/binary"

// Goroutines finds runtime.allgs, the slice of all goroutines, in the variables of
// a program: only the symbol table knows its address, which stripping removes. It
// is the slice of pointers whose first goroutine has the id 1, and the second
// another; runtime.allgptr points to its array too. It returns 0 where there is
// not exactly one such.
func (r *Runtime) Goroutines(variables Range) (found uint64) {
	const most, chunk = 32 << 20, 64 << 10
	buf := make([]byte, chunk)
	for at := variables.Start &^ 7; at < variables.End && at-variables.Start < most; at += chunk - 16 {
		n := min(chunk, variables.End-at)
		if _, err := r.mem.ReadAt(buf[:n], int64(at)); err != nil {
			return 0
		}
		for i := uint64(0); i+24 <= n; i += 8 {
			array, length, room := binary.LittleEndian.Uint64(buf[i:]), binary.LittleEndian.Uint64(buf[i+8:]), binary.LittleEndian.Uint64(buf[i+16:])
			if array == 0 || array%8 != 0 || length < 2 || length > room || room > 1<<24 || !r.goroutines(array) {
				continue
			}
			if found != 0 && found != at+i {
				return 0
			}
			found = at + i
		}
	}
	return found
}

// goroutines reports whether an array begins with pointers to the program's first
// goroutine, runtime.main, and to another one.
func (r *Runtime) goroutines(array uint64) bool {
	first, _ := r.mem.Uint64(array)
	second, ok := r.mem.Uint64(array + 8)
	if !ok || first == 0 || first%8 != 0 || second%8 != 0 || first == second {
		return false
	}
	g, _, ok := r.goroutine(first)
	other, _, okOther := r.goroutine(second)
	return ok && okOther && g.ID == 1 && other.ID > 1
}
