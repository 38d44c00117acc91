package report

import (
	"bufio"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// metrics collects gauges and writes them in the text exposition format
// 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
type metrics struct {
	label    func(socket.ProcessID) string
	families []*family // in the order in which they came up
	byName   map[string]*family
	escape   *strings.Replacer // of label values
	help     *strings.Replacer // of help texts
}

func newMetrics(label func(socket.ProcessID) string) *metrics {
	return &metrics{label: label, byName: map[string]*family{},
		escape: strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`), help: strings.NewReplacer(`\`, `\\`, "\n", `\n`)}
}

// family is one metric with its series by their labels, as written.
type family struct {
	name, help string
	series     map[string]*gauge
}

// gauge is the value of one series.
type gauge struct{ value float64 }

func (g *gauge) set(v float64)     { g.value = v }
func (g *gauge) plus(n int)        { g.value += float64(n) }
func (g *gauge) atLeast(v float64) { g.value = max(g.value, v) }

// add returns the series of the metric with the given pairs of label name
// and value, making it where it is new. Values must be clean.
func (m *metrics) add(name, help string, labels ...string) *gauge {
	f := m.byName[name]
	if f == nil {
		f = &family{name: name, help: help, series: map[string]*gauge{}}
		m.byName[name] = f
		m.families = append(m.families, f)
	}
	key := m.labelSet(labels)
	if f.series[key] == nil {
		f.series[key] = &gauge{}
	}
	return f.series[key]
}

func (m *metrics) labelSet(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	var parts []string
	for i := 0; i+1 < len(labels); i += 2 {
		parts = append(parts, labels[i]+`="`+m.escape.Replace(labels[i+1])+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (m *metrics) writeTo(out *bufio.Writer) {
	for _, f := range m.families {
		_, _ = out.WriteString("# HELP " + f.name + " " + m.help.Replace(f.help) + "\n# TYPE " + f.name + " gauge\n")
		for _, key := range slices.Sorted(maps.Keys(f.series)) {
			_, _ = out.WriteString(f.name + key + " " + number(f.series[key].value) + "\n")
		}
	}
}
