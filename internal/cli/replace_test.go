package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.prom")
	write := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := replaceFile(file, write("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, write("two")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("disk full")
	if err := replaceFile(file, func(w io.Writer) error { io.WriteString(w, "half"); return failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	raw, _ := os.ReadFile(file)
	info, err := os.Lstat(file)
	if err != nil || string(raw) != "two" || info.Mode() != 0o640 {
		t.Errorf("%q, mode %v, %v", raw, info.Mode(), err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 2 {
		t.Errorf("left behind: %v", list)
	}
	if err := replaceFile(os.DevNull, write("x")); err != nil {
		t.Errorf("device: %v", err)
	}
}
