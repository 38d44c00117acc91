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

func TestParseFDLimit(t *testing.T) {
	const head = "Limit                     Soft Limit           Hard Limit           Units     \n"
	for text, want := range map[string]uint64{
		head + "Max open files            1024                 524288               files     \n": 1024,
		head + "Max open files            unlimited            unlimited            files     \n": math.MaxUint64,
	} {
		if got, ok := parseFDLimit([]byte(text)); !ok || got != want {
			t.Errorf("parseFDLimit(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", head, head + "Max open files ", head + "Max open files            many\n"} {
		if got, ok := parseFDLimit([]byte(text)); ok {
			t.Errorf("parseFDLimit(%q) = %d; want none", text, got)
		}
	}
}
