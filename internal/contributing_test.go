package internal_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestContributing: the rule and the format that CONTRIBUTING.md shows compile
// in the packages that they are for.
func TestContributing(t *testing.T) {
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"rules": "leak/rules/netlink_sockets.go", "report": "report/csv.go"}
	blocks := regexp.MustCompile("(?ms)^```go\n(package (\\w+)\n.*?)^```$").FindAllSubmatch(text, -1)
	if len(blocks) != len(files) {
		t.Fatalf("%d whole files; want %d", len(blocks), len(files))
	}
	replace := map[string]string{}
	for _, b := range blocks {
		place, err := filepath.Abs(files[string(b[2])])
		if err != nil {
			t.Fatal(err)
		}
		replace[place] = filepath.Join(t.TempDir(), "example.go")
		if err := os.WriteFile(replace[place], b[1], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, list, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "./leak/rules", "./report").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
