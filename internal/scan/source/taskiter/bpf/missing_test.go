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
		kernel, err := parseBTF(data, append(symbols(), symbol{kindFunc, "bpf_loop"}))
		must(t, err)
		has := func(of, path string) bool {
			_, ok := kernel.find(of, path)
			return ok
		}
		_, loop := kernel.ids[symbol{kindFunc, "bpf_loop"}]
		known := map[string]bool{
			"unix_sock.inq_len":         !has("unix_sock", "inq_len"),         // 6.18
			"mptcp_sock.bytes_consumed": !has("mptcp_sock", "bytes_consumed"), // 6.11
			"mptcp_sock.bytes_received": !has("mptcp_sock", "bytes_received"), // 6.5
			"connections waiting":       !loop,                                // 5.17
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
