package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPackageFiles(t *testing.T) {
	dir := t.TempDir()
	if code, out, errs := run(time.Now(), "package-files", dir); code != 0 || out != "" || errs != "" {
		t.Fatalf("code %d, %q, %q", code, out, errs)
	}
	for _, name := range []string{"man/sockleak.1", "man/sockleak-record.1", "man/sockleak-trend.1",
		"completions/sockleak.bash", "completions/_sockleak", "completions/sockleak.fish", "completions/sockleak.ps1"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() < 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "man", "*.1"))
	for _, page := range pages {
		if strings.Contains(page, "demo-leaker") || strings.Contains(page, "completion") {
			t.Errorf("%s is for a command that help does not show", page)
		}
		lint(t, page)
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.Command(bash, "-n", filepath.Join(dir, "completions", "sockleak.bash")).CombinedOutput(); err != nil {
			t.Errorf("bash: %v\n%s", err, out)
		}
	}
}

// lint lets groff complain about a manual page.
func lint(t *testing.T, page string) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("needs groff (Debian's package of that name) to check the manual pages")
		return
	}
	if out, err := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z", page).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%s: %v\n%s", page, err, out)
	}
}

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{"a-b": `a\-b`, ".x": `\&.x`, `'q`: `\&'q`, `a\n`: `a\en`} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}
