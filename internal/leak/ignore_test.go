package leak

import "testing"

func TestGlobbed(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "kworker/0:1", true}, {"kworker/?:*", "kworker/0:1", true}, {"api", "api", true}, {"a[bp]i", "api", true},
		{"api", "apis", false}, {"[", "[", true}, {"*", "", true},
	} {
		if got := globbed(c.pattern, c.name); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.name, got)
		}
	}
}
