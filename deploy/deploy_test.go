package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// promtool runs promtool in the directory of the rules.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("needs promtool (Debian's package prometheus)")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = "prometheus"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %v: %v\n%s", args, err, out)
	}
}

func TestRules(t *testing.T) {
	promtool(t, "check", "rules", "sockleak.rules.yml")
	promtool(t, "test", "rules", "sockleak.rules.test.yml")
}

var metricName = regexp.MustCompile(`\bsockleak_[a-z_]+`)

// exported returns the metrics that the exporter's golden files show.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../internal/report/testdata/golden/*.openmetrics")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	names := map[string]bool{}
	for _, f := range files {
		for _, n := range metricName.FindAllString(read(t, f), -1) {
			names[n] = true
		}
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Rules and dashboard name only metrics that exist.
func TestMetricsExist(t *testing.T) {
	known := exported(t)
	for _, file := range []string{"prometheus/sockleak.rules.yml", "prometheus/sockleak.rules.test.yml", "grafana/sockleak.json"} {
		for _, n := range metricName.FindAllString(read(t, file), -1) {
			if !known[n] {
				t.Errorf("%s: sockleak has no metric %s", file, n)
			}
		}
	}
}

func TestDashboard(t *testing.T) {
	var d struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/sockleak.json")), &d); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	// Variables and $__ of Grafana are text inside PromQL's matchers.
	rules := "groups:\n- name: g\n  rules:\n"
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, q := range p.Targets {
			rules += "  - record: r\n    expr: |\n      " + strings.ReplaceAll(q.Expr, "\n", " ") + "\n"
		}
	}
	file := filepath.Join(t.TempDir(), "queries.yml")
	if err := os.WriteFile(file, []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", "--lint=none", file)
}
