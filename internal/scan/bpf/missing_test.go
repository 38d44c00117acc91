//go:build linux

package bpf

import (
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestMissingIsKnown: whatever kernel this runs on, it lacks nothing but what
// is known of its version.
func TestMissingIsKnown(t *testing.T) {
	p := open(t, Options{})
	must(t, withKernelBTF(func(data []byte) error {
		kernel, err := parseBTF(data, symbols())
		must(t, err)
		_, inq := kernel.find("unix_sock", "inq_len")
		_, cast := kernel.ids[symbol{kindFunc, "bpf_rdonly_cast"}]
		known := map[string]bool{
			"unix_sock.inq_len": !inq,  // 6.18
			"udp_sock (needs":   !cast, // 6.2
			"mptcp_sock (needs": !cast,
		}
		for _, what := range p.Missing() {
			expected := false
			for prefix, is := range known {
				expected = expected || is && strings.HasPrefix(what, prefix)
			}
			if word, is := Concerns(what, &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP}); word == "" || is {
				t.Errorf("%q is said of every socket", what)
			}
			if !expected {
				t.Errorf("%q is missing", what)
			}
		}
		return nil
	}))
}
