//go:build linux

package bpf

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNoMemory: no kernel can be made to say this at will, for it ends a
// process whose memory cgroup is at its limit.
func TestNoMemory(t *testing.T) {
	err := &RejectedError{Err: unix.ENOMEM}
	if text := err.Error(); !strings.Contains(text, "memory cgroup") {
		t.Errorf("%q names no limit", text)
	}
}
