//go:build linux

package proc

import (
	"strconv"
	"testing"
)

func FuzzParseUint(f *testing.F) {
	for _, text := range []string{"", "0", "18446744073709551615", "18446744073709551616", "ffffffffffffffff", "10000000000000000", "02000002", "8", "g", "-1", "+1", "1_0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, base := range []int{8, 10, 16} {
			want, err := strconv.ParseUint(text, base, 64)
			got, ok := parseUint([]byte(text), uint64(base))
			if ok != (err == nil) || (ok && got != want) {
				t.Errorf("%q in base %d: %d, %v; strconv says %d, %v", text, base, got, ok, want, err)
			}
		}
	})
}
