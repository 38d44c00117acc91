package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func replace(t *testing.T, path string, write func(io.Writer) error) error {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f.Replace(write)
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.prom")
	if _, err := Open(file); err != nil {
		t.Fatal(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("opening left %v", list)
	}
	if err := replace(t, file, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := replace(t, link, text("two")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("disk full")
	if err := replace(t, file, func(w io.Writer) error { io.WriteString(w, "half"); return failed }); !errors.Is(err, failed) {
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
	if err := replace(t, os.DevNull, text("x")); err != nil {
		t.Errorf("device: %v", err)
	}
}

func TestOpenSaysWhatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "no", "such"), dir} {
		if _, err := Open(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

func TestTempNamesAreToldByOwner(t *testing.T) {
	name := TempName("h")
	if !IsTemp(name, "h") || IsTemp(name, "x") || IsTemp(TempName("h-1"), "h") || IsTemp("x.json", "h") {
		t.Error(name)
	}
}
