package scan

import (
	"os"
	"testing"
)

func TestRunning(t *testing.T) {
	for pid, name := range Running() {
		if pid == os.Getpid() {
			if name == "" {
				t.Error("this process has no name")
			}
			return
		}
	}
	t.Error("this process is not among those that run")
}
