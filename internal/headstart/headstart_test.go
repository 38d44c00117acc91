package headstart

import "testing"

func TestLooking(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"scan"}, true},
		{[]string{"scan", "12", "-o", "json"}, true},
		{[]string{"check", "--", "true"}, true},
		{[]string{"watch", "--help"}, false},
		{[]string{"record", "-h"}, false},
		{[]string{"scan", "--source", "procfs"}, false},
		{[]string{"scan", "--source=procfs"}, false},
		{[]string{"trend", "scan"}, false},
		{[]string{"--version"}, false},
	} {
		if got := Looking(tc.args); got != tc.want {
			t.Errorf("%q: %v", tc.args, got)
		}
	}
}
