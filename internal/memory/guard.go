package memory

import "fmt"

// Guard turns a panic into an error: debug/elf and debug/dwarf are documented
// to panic on some malformed files.
func Guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("malformed file: %v", r)
	}
}
