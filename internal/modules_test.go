package internal_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestModules runs the tests of the modules within this repository that people
// use without the rest of it: `go test ./...` does not enter them by itself.
func TestModules(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"sockleaktest", "docs/examples/go"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			readAll(t, filepath.Join("..", dir))
			cmd := exec.Command("go", "test", "./...")
			cmd.Dir = filepath.Join("..", dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("go test in %s: %v\n%s", dir, err, out)
			}
		})
	}
}

// readAll reads a directory's files, so that the go command knows that this
// test's result depends on them.
func readAll(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			_, err = os.ReadFile(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
