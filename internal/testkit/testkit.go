package testkit

import (
	"os"
	"testing"
	"time"
)

// Must panics with the error, for children, which have no test to fail.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// NeedRoot skips a test of an ordinary user that takes root, and says what for.
func NeedRoot(t testing.TB, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to " + what)
	}
}

// Eventually waits until ok returns true.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
