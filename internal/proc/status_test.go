//go:build linux

package proc

import (
	"math"
	"testing"
)

func TestParseUID(t *testing.T) {
	for text, want := range map[string]int64{
		"Name:\tx\nTracerPid:\t0\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n": 1000,
		"Name:\tUid:\\n7\nUid:\t0\t1\t1\t1\n":                              0,
		"Name:\tx\nUid:\t4294967295\t0\t0\t0\n":                            math.MaxUint32,
		"Name:\tx\nUid:\t4294967296\t0\t0\t0\n":                            -1,
		"Name:\tx\nUid:\t-1\t0\t0\t0\n":                                    -1,
		"Name:\tx\nGid:\t1\t1\t1\t1\n":                                     -1,
		"":                                                                 -1,
	} {
		got, ok := parseUID([]byte(text))
		if ok != (want >= 0) || ok && int64(got) != want {
			t.Errorf("parseUID(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
}
