package cli

import (
	"compress/gzip"
	"io"
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
	for _, name := range []string{"man/sockleak.1.gz", "man/sockleak-record.1.gz", "man/sockleak-trend.1.gz",
		"completions/sockleak.bash", "completions/_sockleak", "completions/sockleak.fish", "completions/sockleak.ps1"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() < 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "man", "*.1.gz"))
	for _, page := range pages {
		if strings.Contains(page, "demo-leaker") || strings.Contains(page, "completion") {
			t.Errorf("%s is for a command that help does not show", page)
		}
		text := unzip(t, page)
		lint(t, page, text)
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", `"EXIT STATUS"`, `"ENVIRONMENT"`, `"SEE ALSO"`} {
			if !strings.Contains(text, "\n.SH "+section+"\n") {
				t.Errorf("%s has no section %s", page, section)
			}
		}
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.Command(bash, "-n", filepath.Join(dir, "completions", "sockleak.bash")).CombinedOutput(); err != nil {
			t.Errorf("bash: %v\n%s", err, out)
		}
	}
}

func unzip(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return string(text)
}

// lint lets groff complain about a manual page.
func lint(t *testing.T, page, text string) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("needs groff (Debian's package of that name) to check the manual pages")
		return
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
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
