package report

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// needTool skips a test for want of an independent validator, except in CI,
// where .ci/run installs it.
func needTool(t *testing.T, tool, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: apt-get install %s", tool, debianPackage)
	}
	t.Skipf("needs %s: apt-get install %s", tool, debianPackage)
}

// runTool gives the tool its input and fails the test when it complains.
func runTool(t *testing.T, stdin []byte, tool string, args ...string) {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %q: %v\n%s\ninput:\n%s", tool, args, err, out, stdin)
	}
}
