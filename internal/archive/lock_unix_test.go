//go:build unix

package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLockFileIsNoLink: whoever may write to the archive's directory cannot
// have another file overwritten by linking the lock file to it. The kernel
// itself prevents that only where fs.protected_hardlinks is 1.
func TestLockFileIsNoLink(t *testing.T) {
	for name, link := range map[string]func(victim, lock string) error{
		"hard link": os.Link,
		"symlink":   func(victim, lock string) error { return os.Symlink(filepath.Base(victim), lock) },
		"fifo":      func(_, lock string) error { return unix.Mkfifo(lock, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			victim, lock := filepath.Join(path, "victim"), filepath.Join(path, lockName("h"))
			if err := os.WriteFile(victim, []byte("content"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := link(victim, lock); err != nil {
				t.Fatal(err)
			}
			_, err := open(t, path).Lock("h", 1, noon)
			if err == nil || !strings.Contains(err.Error(), lock) || !strings.Contains(err.Error(), "remove it") {
				t.Errorf("Lock: %v; want it refused", err)
			}
			if got, err := os.ReadFile(victim); string(got) != "content" {
				t.Errorf("the other file has become %q, %v", got, err)
			}
			if err := os.Remove(lock); err != nil {
				t.Fatal(err)
			}
			if _, err := open(t, path).Lock("h", 1, noon); err != nil {
				t.Errorf("Lock after its removal: %v", err)
			}
		})
	}
}
