package trend

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/words"
)

// verdict says in a line what there is to know.
func verdict(t *Trend) string {
	host := words.Clean(t.Host)
	counts := map[string]int{}
	for _, c := range tallies(t) {
		counts[c.Status] = c.Count
	}
	switch {
	case len(t.Findings) == 0:
		return host + ": no finding in any report"
	case counts["growing"] == 1: // the first: they are sorted by urgency
		return fmt.Sprintf("%s: a finding of %s grows", host, t.Findings[0].Name)
	case counts["growing"] > 1:
		return fmt.Sprintf("%s: %d findings grow", host, counts["growing"])
	case counts["new"] > 0:
		return fmt.Sprintf("%s: %s, none grows", host, words.Plural(counts["new"], "new finding"))
	case counts["ended"] == len(t.Findings):
		return host + ": all findings have ended"
	}
	return fmt.Sprintf("%s: no finding is new, none grows", host)
}

// tallies counts the findings by what they do; what grows counts as growing
// also when it is new.
func tallies(t *Trend) []tally {
	list := []tally{{Status: "growing"}, {Status: "new"}, {Status: "steady"}, {Status: "not seen"}, {Status: "ended"}}
	for _, s := range t.Findings {
		i := slices.IndexFunc(list, func(c tally) bool { return c.Status == s.Status() })
		list[max(i, 0)].Count++
	}
	return list
}
