package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// units copies the units to a directory, with a program that exists: verify
// looks for it.
func units(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var list []string
	for _, name := range []string{"sockleak-record.service", "sockleak-record.timer", "sockleak-serve.service"} {
		raw, err := os.ReadFile(filepath.Join("systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(raw), "/usr/bin/sockleak ", "/bin/true ", 1)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list = append(list, path)
	}
	return list
}

func analyze(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("needs systemd-analyze (Debian's package systemd)")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestUnits(t *testing.T) {
	list := units(t)
	out := analyze(t, append([]string{"verify", "--man=no"}, list...)...)
	for line := range strings.Lines(out) { // verify also talks of the host's units
		if strings.Contains(line, "sockleak") {
			t.Error(line)
		}
	}
	// 0 is the most hardened, 100 the least: what is left is what it needs.
	analyze(t, "security", "--offline=yes", "--no-pager", "--threshold=25", list[0])
	analyze(t, "security", "--offline=yes", "--no-pager", "--threshold=35", list[2]) // it listens on the network
}

// TestNodeExporter: the service with the drop-in is one that systemd accepts,
// and it may write what its command writes.
func TestNodeExporter(t *testing.T) {
	list := units(t)
	raw, err := os.ReadFile("systemd/node-exporter.conf")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "/usr/bin/sockleak ", "/bin/true ", 1)
	if err := os.MkdirAll(list[0]+".d", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(list[0]+".d", "node-exporter.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := analyze(t, append([]string{"verify", "--man=no"}, list...)...)
	for line := range strings.Lines(out) {
		if strings.Contains(line, "sockleak") {
			t.Error(line)
		}
	}
	file := metricsFile(t, text)
	if !strings.Contains(text, "\nReadWritePaths="+filepath.Dir(file)+"\n") {
		t.Errorf("the service may not write %s", file)
	}
}

// metricsFile is where the drop-in's command writes its metrics.
func metricsFile(t *testing.T, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "-o prometheus=")
	if !ok {
		t.Fatal("the drop-in writes no metrics")
	}
	return strings.Fields(rest)[0]
}

// A line of cron.d has five fields of time, a user and a command, and cron
// ignores a file that does not end in a newline.
func TestCron(t *testing.T) {
	raw, err := os.ReadFile("cron.d/sockleak")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	i := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")
	fields := strings.Fields(strings.TrimPrefix(text[i+1:], "#"))
	if !strings.HasSuffix(text, "\n") || len(fields) < 7 || fields[0] != "*/5" || fields[5] != "root" || strings.Contains(text[i:], "%") {
		t.Errorf("line %q", fields)
	}
}

// TestUpgradeNotes: each minor release says first what those do who upgrade.
func TestUpgradeNotes(t *testing.T) {
	raw, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := regexp.MustCompile(`(?m)^## (Unreleased|\d+\.\d+\.0)\b.*\n\n(.*)`).FindAllStringSubmatch(string(raw), -1)
	if len(sections) == 0 {
		t.Fatal("CHANGELOG.md has no release")
	}
	for _, s := range sections {
		if !strings.HasPrefix(s[2], "### Upgrading from ") {
			t.Errorf("%s begins with %q", s[1], s[2])
		}
	}
}
