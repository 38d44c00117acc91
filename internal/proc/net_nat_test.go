//go:build linux

package proc

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTranslates(t *testing.T) {
	const heading = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
	for _, tc := range []struct {
		tracked, balanced string // "" for no file
		want              bool
	}{
		{"", "", false},
		{"0\n", "", false},
		{"0\n", heading, false},
		{"17\n", "", true},
		{"", heading + "TCP 7F000001 E1D2 7F000001 0050 0A000001 0050 ESTABLISHED     899\n", true},
		{"no number\n", "", true},
	} {
		root := t.TempDir()
		for name, text := range map[string]string{"sys/net/netfilter/nf_conntrack_count": tc.tracked, "thread-self/net/ip_vs_conn": tc.balanced} {
			if text == "" {
				continue
			}
			path := filepath.Join(root, name)
			must(os.MkdirAll(filepath.Dir(path), 0o755))
			must(os.WriteFile(path, []byte(text), 0o600))
		}
		fs, err := New(root)
		if err != nil {
			t.Fatal(err)
		}
		if got := fs.Translates(); got != tc.want {
			t.Errorf("conntrack %q, ipvs %q: %v", tc.tracked, tc.balanced, got)
		}
	}
}
