//go:build linux

package bpf

import (
	"io"
	"os"
	"path/filepath"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
)

// mostKept is how many versions of sockleak are remembered the program of.
const mostKept = 16

// remember writes the program down. When it cannot, the next look takes a
// millisecond longer, which is no reason to say anything.
func remember(m prog.Memory, p prog.Program) {
	if err := os.MkdirAll(filepath.Dir(m.Path), 0o700); err != nil {
		return
	}
	makeRoom(m.Path)
	f, err := os.OpenFile(m.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // another look is writing the same
	}
	io.WriteString(f, m.Text(p))
	f.Close()
}

// makeRoom removes the file, and all others where they have become many: go run
// makes a new binary each time.
func makeRoom(path string) {
	os.Remove(path)
	dir := filepath.Dir(path)
	if others, _ := os.ReadDir(dir); len(others) >= mostKept {
		for _, e := range others {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
