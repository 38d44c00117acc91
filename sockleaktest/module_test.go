package sockleaktest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// TestUserModule: a module with an old go line can use the package, and its
// go.mod gets the requirement and nothing else. Its tests are judged as they
// should be.
func TestUserModule(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copyFile(t, "testdata/user/user_test.go", filepath.Join(dir, "user_test.go"))
	copyFile(t, "go.sum", filepath.Join(dir, "go.sum"))
	mod := filepath.Join(dir, "go.mod")
	if err := os.WriteFile(mod, []byte("module example.com/user\n\ngo 1.21\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const path = "github.com/sockleak/sockleak/sockleaktest"
	goCommand(t, dir, "mod", "edit", "-require="+path+"@v0.0.0", "-replace="+path+"="+here)
	goCommand(t, dir, "mod", "tidy")
	after, err := os.ReadFile(mod)
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^module example.com/user\n\ngo 1.21\n\nrequire ` + path + ` v0.0.0\n\nrequire golang.org/x/sys \S+ // indirect\n\nreplace ` + path + ` => .*\n$`)
	if !want.Match(after) {
		t.Errorf("go.mod has become:\n%s", after)
	}

	out := goCommand(t, dir, "test", "-v", "-count=1", "-parallel=2", "./...")
	var failed []string
	for _, m := range regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`).FindAllStringSubmatch(out, -1) {
		failed = append(failed, m[1])
	}
	sort.Strings(failed)
	if got := strings.Join(failed, " "); got != "TestFailed TestLeak TestLeakBesidePaused TestLeakSubtests" {
		t.Errorf("failed: %s\n%s", got, out)
	}
	for _, want := range []string{"user_test.go:36: found 1 socket still open", "2 x tcp LISTEN on 127.0.0.1 (fd ", "1 open socket not judged: example.com/user_test.TestParallel.func2 runs at the same time"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// goCommand runs the go command without the network: all that is needed is
// what this module needs.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil && args[0] != "test" {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestImports: whoever uses the package gets nothing else with it.
func TestImports(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
		cmd.Env = append(os.Environ(), "GOOS="+goos)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range strings.Fields(string(out)) {
			if path != "github.com/sockleak/sockleak/sockleaktest" && !strings.HasPrefix(path, "golang.org/x/sys/") {
				t.Errorf("on %s it imports %s", goos, path)
			}
		}
	}
}
