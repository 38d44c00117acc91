package report

import (
	"bufio"
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// prometheus writes the text exposition format 0.0.4, for node_exporter's
// textfile collector and for a scrape.
//
// It is written here rather than with client_golang because importing that
// costs every start of sockleak 1.2 ms of package initialisation and the
// binary 9 MB (measured with GODEBUG=inittrace=1); promtool and expfmt hold
// the output to the format in the tests.
func prometheus() Format {
	return Format{
		Name:  "prometheus",
		Doc:   "Prometheus metrics, for node_exporter's textfile collector",
		Write: writePrometheus,
	}
}

// Series are labelled by process name, rule and level and never by pid, port
// or peer. Beyond this number of names, those with the fewest leaked sockets
// and descriptors are counted together as "other".
const (
	maxProcessNames = 100
	otherProcesses  = "other"
)

func writePrometheus(w io.Writer, r *Report, _ Options) error {
	out := bufio.NewWriter(w) // keeps the first error until Flush
	collect(r).writeTo(out)
	return out.Flush()
}

// collect takes the metrics out of a report.
func collect(r *Report) *metrics {
	m := newMetrics(processLabels(r))
	m.run(r)
	m.settings(r)
	m.findings(r)
	m.processes(r)
	return m
}

// run tells about the run itself.
func (m *metrics) run(r *Report) {
	s := r.Snapshot
	m.add("sockleak_build_info", "1, with the version of sockleak that wrote this.", "version", words.Clean(r.Version)).set(1)
	for _, v := range []Verdict{Clear, Suspected, Leaky, Unseen} {
		is := m.add("sockleak_verdict", "1 for the verdict of the last run, 0 for the others.", "verdict", string(v))
		if is.set(0); v == r.Verdict {
			is.set(1)
		}
	}
	m.add("sockleak_last_run_timestamp_seconds", "When the last sample began, in seconds since 1970.").
		set(float64(s.Taken.UnixMilli()) / 1000)
	m.add("sockleak_run_duration_seconds", "How long the last sample took.").set(s.Duration.Seconds())
	const help = `What could not be seen; blinds="true" hides sockets of a target.`
	hidden, blinding := m.add("sockleak_unseen", help, "blinds", "false"), m.add("sockleak_unseen", help, "blinds", "true")
	for _, g := range s.Gaps {
		if g.Blinds {
			blinding.plus(g.Count)
		} else {
			hidden.plus(g.Count)
		}
	}
}

// settings tells which files had a say.
func (m *metrics) settings(r *Report) {
	for i := range r.Settings {
		f := &r.Settings[i]
		m.add("sockleak_hidden_findings", "Findings that a settings file has hidden.", "file", words.Clean(f.Path)).plus(f.Findings)
		m.add("sockleak_hidden_sockets", "Sockets of findings that a settings file has hidden.", "file", words.Clean(f.Path)).plus(f.Sockets)
	}
}

func (m *metrics) findings(r *Report) {
	for i := range r.Findings {
		f := &r.Findings[i]
		process := m.label(f.Process)
		m.add("sockleak_findings", "Findings of the last run.",
			"level", f.Level.String(), "process", process, "rule", f.Rule).plus(1)
		switch f.Level {
		case leak.Leak:
			m.add("sockleak_leaked_sockets", "Sockets of the findings of level leak.",
				"process", process, "rule", f.Rule).plus(len(f.Sockets))
			m.add("sockleak_oldest_leak_age_seconds", "For how long at least the oldest leaked socket has been in its state.",
				"process", process, "rule", f.Rule).atLeast(f.Age.AtLeast.Seconds())
			if at := f.Location; at != nil && at.Line > 0 {
				m.add("sockleak_leak_location", "Leaked sockets of the findings whose line of code is known, by that line.",
					"location", words.Clean(at.File)+":"+strconv.Itoa(at.Line), "process", process, "rule", f.Rule).plus(len(f.Sockets))
			}
		case leak.Suspect:
			m.add("sockleak_suspected_sockets", "Sockets of the findings of level suspect.",
				"process", process, "rule", f.Rule).plus(len(f.Sockets))
		}
	}
}

func (m *metrics) processes(r *Report) {
	for i := range r.Accounts {
		a := &r.Accounts[i]
		process := m.label(a.Process)
		m.add("sockleak_processes", "Processes that were examined.", "process", process).plus(1)
		m.add("sockleak_socket_descriptors", "Descriptors that are sockets.", "process", process).plus(a.Descriptors)
		m.add("sockleak_unidentified_descriptors", "Descriptors whose socket could not be identified.", "process", process).
			plus(a.Descriptors - a.Identified)
		for state, n := range a.States {
			m.add("sockleak_sockets", "TCP sockets by state, in the names of RFC 9293.",
				"process", process, "state", state.String()).plus(n)
		}
		p := r.Snapshot.Process(a.Process)
		if p == nil || p.FDs < 0 {
			continue
		}
		m.add("sockleak_descriptors", "Open file descriptors; absent where they could not be counted.", "process", process).plus(p.FDs)
		if p.FDLimit > 0 {
			m.add("sockleak_descriptor_usage_ratio", "Open descriptors by soft limit, of the process nearest to its limit.",
				"process", process).atLeast(float64(p.FDs) / float64(p.FDLimit))
		}
	}
}

// processLabels returns how to label a process: by its name, or as other.
func processLabels(r *Report) func(socket.ProcessID) string {
	type weight struct{ leaked, sockets int }
	weights := map[string]weight{}
	for i := range r.Accounts {
		name := processName(r.Snapshot, r.Accounts[i].Process)
		w := weights[name]
		w.sockets += r.Accounts[i].Descriptors
		weights[name] = w
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		name := processName(r.Snapshot, f.Process)
		w := weights[name]
		if f.Level == leak.Leak {
			w.leaked += len(f.Sockets)
		}
		weights[name] = w
	}
	names := slices.SortedFunc(maps.Keys(weights), func(a, b string) int {
		return cmp.Or(cmp.Compare(weights[b].leaked, weights[a].leaked),
			cmp.Compare(weights[b].sockets, weights[a].sockets), cmp.Compare(a, b))
	})
	kept := map[string]bool{}
	for _, name := range names[:min(len(names), maxProcessNames)] {
		kept[name] = true
	}
	return func(id socket.ProcessID) string {
		if name := processName(r.Snapshot, id); kept[name] {
			return name
		}
		return otherProcesses
	}
}
