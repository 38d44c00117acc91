package report

import (
	"encoding/json"
	"net/netip"
	"testing"
)

func jsonParses(t *testing.T, out []byte) {
	t.Helper()
	if !json.Valid(out) {
		t.Errorf("not JSON: %q", out)
	}
}

func TestPeerName(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.5:0": "10.0.0.5:*", "10.0.0.5:10": "10.0.0.5:10", "[::1]:0": "[::1]:*", "[::1]:443": "[::1]:443",
	} {
		if got := peerName(netip.MustParseAddrPort(in)); got != want {
			t.Errorf("peerName(%s) = %s, want %s", in, got, want)
		}
	}
}
