package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func jsonParses(t *testing.T, out []byte) {
	t.Helper()
	if !json.Valid(out) {
		t.Errorf("not JSON: %q", out)
	}
}

// TestJSONIsTheDocument: written piece by piece, it is what NewDocument holds.
func TestJSONIsTheDocument(t *testing.T) {
	for name, r := range reports() {
		got, err := ParseDocument(write(t, jsonDocument(), r, Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(NewDocument(r), got); diff != "" {
			t.Errorf("%s: -held +written:\n%s", name, diff)
		}
	}
}

// ndjsonParses: every line is an object with its version and kind, the last
// one the summary.
func ndjsonParses(t *testing.T, out []byte) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
	for i, line := range lines {
		var head ndjsonHead
		if err := json.Unmarshal(line, &head); err != nil {
			t.Fatalf("line %d: %v: %q", i, err, line)
		}
		kind := "finding"
		if i == len(lines)-1 {
			kind = "summary"
		}
		if head.Kind != kind || head.SchemaVersion != SchemaVersion || !head.Time.Equal(taken) {
			t.Errorf("line %d: %+v", i, head)
		}
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
