//go:build linux

package capability

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestEffective compares with what the kernel writes into /proc.
func TestEffective(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	set, err := Effective()
	status, readErr := os.ReadFile("/proc/thread-self/status")
	if err != nil || readErr != nil {
		t.Fatal(err, readErr)
	}
	if want := fmt.Sprintf("CapEff:\t%016x\n", uint64(set)); !strings.Contains(string(status), want) {
		t.Errorf("no %q in %s", want, status)
	}
	for bit := range uint(64) {
		if set.Has(bit) != (set>>bit&1 == 1) {
			t.Errorf("bit %d", bit)
		}
	}
}
