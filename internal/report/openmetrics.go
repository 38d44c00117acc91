package report

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
)

// openMetrics writes OpenMetrics 1.0
// (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md):
// what prometheus writes, and the ages of leaked sockets as a histogram. Its
// exemplars are fingerprints, which lead from a chart to the finding in a
// report; the older format has none.
func openMetrics() Format {
	return Format{
		Name:  "openmetrics",
		Doc:   "the same as OpenMetrics, with fingerprints as exemplars",
		Write: writeOpenMetrics,
	}
}

func writeOpenMetrics(w io.Writer, r *Report, _ Options) error {
	m := collect(r)
	m.help = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	out := bufio.NewWriter(w) // keeps the first error until Flush
	m.writeTo(out)
	m.writeAges(out, ages(r, m))
	_, _ = out.WriteString("# EOF\n")
	return out.Flush()
}

// ageBounds are the upper bounds of the buckets, in seconds: from the time
// that a slow close takes up to a week.
var ageBounds = [...]float64{60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600}

// ageHistogram has the ages of the leaked sockets of one process and rule.
type ageHistogram struct {
	buckets [len(ageBounds) + 1]ageBucket
	sum     float64
}

// ageBucket counts the sockets of an age, and names the finding of the oldest.
type ageBucket struct {
	count       int
	fingerprint string
	oldest      float64
}

// ages sorts the leaked sockets into histograms by their labels.
func ages(r *Report, m *metrics) map[string]*ageHistogram {
	list := map[string]*ageHistogram{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Level != leak.Leak || len(f.Sockets) == 0 {
			continue
		}
		key := m.labelSet([]string{"process", m.label(f.Process), "rule", f.Rule})
		h := list[key]
		if h == nil {
			h = &ageHistogram{}
			list[key] = h
		}
		fingerprint := f.Fingerprint(r.Snapshot.Process(f.Process))
		for _, s := range f.Sockets {
			h.add(r.History.Age(s).AtLeast.Seconds(), fingerprint)
		}
	}
	return list
}

func (h *ageHistogram) add(seconds float64, fingerprint string) {
	i, _ := slices.BinarySearch(ageBounds[:], seconds) // a bound is part of its bucket
	b := &h.buckets[i]
	b.count++
	h.sum += seconds
	if b.fingerprint == "" || seconds > b.oldest {
		b.fingerprint, b.oldest = fingerprint, seconds
	}
}

func (m *metrics) writeAges(out *bufio.Writer, list map[string]*ageHistogram) {
	const name = "sockleak_leaked_socket_age_seconds"
	if len(list) == 0 {
		return
	}
	_, _ = out.WriteString("# HELP " + name + " For how long at least leaked sockets have been in their state.\n# TYPE " +
		name + " gaugehistogram\n# UNIT " + name + " seconds\n")
	for _, labels := range slices.Sorted(maps.Keys(list)) {
		h := list[labels]
		n := 0
		for i := range h.buckets {
			b := &h.buckets[i]
			n += b.count
			bound := "+Inf"
			if i < len(ageBounds) {
				bound = strconv.FormatFloat(ageBounds[i], 'f', 1, 64)
			}
			_, _ = out.WriteString(name + "_bucket" + strings.TrimSuffix(labels, "}") + `,le="` + bound + `"} ` + strconv.Itoa(n))
			if b.count > 0 {
				_, _ = out.WriteString(" # " + m.labelSet([]string{"fingerprint", b.fingerprint}) + " " + number(b.oldest))
			}
			_, _ = out.WriteString("\n")
		}
		_, _ = out.WriteString(name + "_gcount" + labels + " " + strconv.Itoa(n) + "\n" + name + "_gsum" + labels + " " + number(h.sum) + "\n")
	}
}

// number writes a value without an exponent.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
