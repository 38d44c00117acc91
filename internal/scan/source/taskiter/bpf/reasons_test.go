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

// TestLastWord has the logs of Linux 6.18 and 7.3 for the same program.
func TestLastWord(t *testing.T) {
	const head = "0: R1=ctx() R10=fp0\n0: (79) r0 = *(u64 *)(r5 +0)\nR5 !read_ok\n"
	const tail = "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
	const reason = "\nVerification failed: Register Type Safety: Unreadable register\n\nReason:\n  R5 has never been initialized on this path" +
		"\n\nSuggestion:\n  Initialize R5 on every path before this instruction.\n\n"
	for name, log := range map[string]string{"6.18": head + tail, "7.3": head + reason + tail} {
		if word := lastWord(log); word != "R5 !read_ok" {
			t.Errorf("%s: %q", name, word)
		}
	}
}
