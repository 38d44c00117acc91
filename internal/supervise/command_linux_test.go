package supervise_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sockleak/sockleak/internal/supervise"
)

func TestStartErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("plain", "text", 0o644)
	t.Setenv("PATH", os.Getenv("PATH")+string(filepath.ListSeparator)+dir)
	for _, tc := range []struct {
		name string
		args []string
		code int
	}{
		{"nothing", nil, supervise.CodeNotFound},
		{"empty name", []string{""}, supervise.CodeNotFound},
		{"not in PATH", []string{"no-such-command-of-sockleak"}, supervise.CodeNotFound},
		{"no such path", []string{dir + "/nothing"}, supervise.CodeNotFound},
		{"no x bit", []string{dir + "/plain"}, supervise.CodeNotExecutable},
		{"no x bit, in PATH", []string{"plain"}, supervise.CodeNotExecutable},
		{"directory", []string{dir}, supervise.CodeNotExecutable},
		{"no program", []string{write("noformat", "text", 0o755)}, supervise.CodeNotExecutable},
		{"no interpreter", []string{write("nointerp", "#!/no/such/interpreter\n", 0o755)}, supervise.CodeNotExecutable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sup, err := supervise.New()
			if err != nil {
				t.Fatal(err)
			}
			defer sup.Close()
			_, err = sup.Start(supervise.Command{Args: tc.args})
			var failed *supervise.StartError
			if !errors.As(err, &failed) {
				t.Fatalf("error is %v, not a StartError", err)
			}
			if failed.Code != tc.code {
				t.Errorf("code %d for %q, want %d", failed.Code, failed, tc.code)
			}
		})
	}
}

func TestStartInMissingDirectory(t *testing.T) {
	sup, err := supervise.New()
	if err != nil {
		t.Fatal(err)
	}
	defer sup.Close()
	if _, err := sup.Start(supervise.Command{Args: []string{"true"}, Dir: "/no/such/dir"}); err == nil {
		t.Error("started in a directory that does not exist")
	}
}
