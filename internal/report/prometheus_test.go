package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/sockleak/sockleak/internal/socket"
)

// prometheusHolds parses the output with Prometheus's own parser and looks
// for labels that would make it grow without bound.
func prometheusHolds(t *testing.T, out []byte) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	allowed := " version verdict blinds file level location process rule state "
	for name, f := range families {
		if f.GetHelp() == "" || !strings.HasPrefix(name, "sockleak_") {
			t.Errorf("metric %s, help %q", name, f.GetHelp())
		}
		for _, m := range f.Metric {
			if m.TimestampMs != nil {
				t.Errorf("%s: the textfile collector refuses timestamps", name)
			}
			for _, l := range m.Label {
				if !strings.Contains(allowed, " "+l.GetName()+" ") {
					t.Errorf("%s has label %s", name, l.GetName())
				}
			}
		}
	}
}

// TestPromtool has the linter of Prometheus check every fixture.
func TestPromtool(t *testing.T) {
	needTool(t, "promtool", "prometheus")
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			runTool(t, write(t, prometheus(), r, Options{}), "promtool", "check", "metrics")
		})
	}
}

func TestPrometheusValues(t *testing.T) {
	out := string(write(t, prometheus(), leakyReport(), Options{}))
	for _, want := range []string{
		`sockleak_verdict{verdict="leak"} 1`, `sockleak_verdict{verdict="clean"} 0`,
		`sockleak_leaked_sockets{process="api",rule="close-wait-eof-read"} 2`,
		`sockleak_suspected_sockets{process="worker",rule="fin-wait2-held"} 1`,
		`sockleak_findings{level="note",process="no process",rule="time-wait"} 1`,
		`sockleak_oldest_leak_age_seconds{process="api",rule="close-wait-eof-read"} 5400`,
		`sockleak_sockets{process="api",state="CLOSE_WAIT"} 2`,
		`sockleak_processes{process="worker"} 2`,
		`sockleak_descriptors{process="worker"} 12`, // the other one could not be counted
		`sockleak_descriptor_usage_ratio{process="api"} 0.87890625`,
		`sockleak_last_run_timestamp_seconds 1767323045`,
		`sockleak_run_duration_seconds 0.012`,
		`sockleak_unseen{blinds="true"} 0`,
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no line %q in\n%s", want, out)
		}
	}
}

// TestPrometheusIsBounded: thousands of names and pids make few series, and
// the process that leaks keeps its name.
func TestPrometheusIsBounded(t *testing.T) {
	r := leakyReport()
	procs := r.Snapshot.Processes
	for i := range 5000 {
		procs = append(procs, socket.Process{ID: socket.ProcessID{PID: 1000 + i, Start: 1}, Target: true,
			Name: fmt.Sprintf("job-%d", i%2500), FDs: 3, FDLimit: 10})
	}
	big := fixtureReport(fixtureSnapshot(procs, r.Snapshot.Sockets), r.Findings)
	out := write(t, prometheus(), big, Options{})
	prometheusHolds(t, out)
	if series := bytes.Count(out, []byte("\nsockleak_")); series > 1000 {
		t.Errorf("%d series", series)
	}
	for _, want := range []string{`process="api"`, `sockleak_processes{process="other"} 4804`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is missing", want)
		}
	}
}
