package report

import (
	"regexp"
	"strings"
	"testing"
)

// openMetricsHolds looks at what the older format lacks; deploy has a real
// Prometheus read the golden files.
func openMetricsHolds(t *testing.T, out []byte) {
	t.Helper()
	body, ok := strings.CutSuffix(string(out), "\n# EOF\n")
	if !ok || strings.Contains(body, "# EOF\n") {
		t.Fatalf("no end, or more than one\n%s", out)
	}
	sample := regexp.MustCompile(`^sockleak_[a-z_]+(\{([a-z_]+="([^"\\]|\\[\\n"])*",?)+\})? [0-9.]+( # \{fingerprint="[0-9a-z-]{1,100}"\} [0-9.]+)?$`)
	for line := range strings.SplitSeq(body, "\n") {
		if !strings.HasPrefix(line, "# HELP ") && !strings.HasPrefix(line, "# TYPE ") && !strings.HasPrefix(line, "# UNIT ") && !sample.MatchString(line) {
			t.Errorf("not OpenMetrics: %q", line)
		}
	}
}

// TestAges sorts ages into buckets; the oldest of each names its finding.
func TestAges(t *testing.T) {
	h := &ageHistogram{}
	h.add(60, "a")
	h.add(61, "b")
	h.add(600, "c")
	h.add(1e9, "d")
	for i, want := range map[int]ageBucket{0: {1, "a", 60}, 1: {2, "c", 600}, 2: {}, len(ageBounds): {1, "d", 1e9}} {
		if h.buckets[i] != want {
			t.Errorf("bucket %d: %+v, want %+v", i, h.buckets[i], want)
		}
	}
	r := leakyReport()
	fingerprint := r.Findings[0].Fingerprint(r.Snapshot.Process(r.Findings[0].Process))
	out := string(write(t, openMetrics(), r, Options{}))
	if want := ` # {fingerprint="` + fingerprint + `"} `; strings.Count(out, want) != 1 || !strings.Contains(out, "# TYPE sockleak_leaked_socket_age_seconds gaugehistogram\n") {
		t.Errorf("no exemplar %s in\n%s", want, out)
	}
}
