//go:build linux

package proc

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sockleak/sockleak/internal/testkit"
)

func TestNAT(t *testing.T) {
	const (
		tracked  = "sys/net/netfilter/nf_conntrack_count"
		balanced = "thread-self/net/ip_vs_conn"
		heading  = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
		all, eth = "sys/net/ipv4/conf/all/route_localnet", "sys/net/ipv4/conf/eth0/route_localnet"
	)
	for name, tc := range map[string]struct {
		files map[string]string
		want  NAT
	}{
		"nothing":              {nil, NAT{}},
		"loaded and not used":  {map[string]string{tracked: "0\n", balanced: heading, all: "1\n"}, NAT{}},
		"tracked":              {map[string]string{tracked: "17\n", all: "0\n", eth: "0\n"}, NAT{true, false}},
		"tracked, leaves all":  {map[string]string{tracked: "17\n", all: "1\n", eth: "0\n"}, NAT{true, true}},
		"tracked, leaves one":  {map[string]string{tracked: "17\n", all: "0\n", eth: "1\n"}, NAT{true, true}},
		"tracked, not told":    {map[string]string{tracked: "17\n"}, NAT{true, true}},
		"not a number":         {map[string]string{tracked: "many\n", all: "0\n"}, NAT{true, false}},
		"balanced":             {map[string]string{balanced: heading + "TCP 7F000001 E1D2 7F000001 0050 0A000001 0050\n", all: "0\n"}, NAT{true, false}},
		"not a number, of one": {map[string]string{tracked: "1\n", all: "yes\n"}, NAT{true, true}},
	} {
		root := t.TempDir()
		for path, text := range tc.files {
			path = filepath.Join(root, path)
			testkit.Must(os.MkdirAll(filepath.Dir(path), 0o755))
			testkit.Must(os.WriteFile(path, []byte(text), 0o600))
		}
		fs, err := New(root)
		if err != nil {
			t.Fatal(err)
		}
		if got := fs.NAT(); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}
