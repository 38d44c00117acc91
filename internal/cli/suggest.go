package cli

import (
	"fmt"
	"strings"
)

// didYouMean asks whether a name was meant that looks like what was written:
// ` (did you mean "json"?)`, or nothing.
func didYouMean(written string, names []string) string {
	if name := closest(written, names); name != "" {
		return fmt.Sprintf(" (did you mean %q?)", name)
	}
	return ""
}

// closest returns the name that takes the fewest edits to get to, or "" when
// none is near.
func closest(written string, names []string) string {
	written = strings.ToLower(written)
	if written == "" || len(written) > 64 {
		return ""
	}
	best, near := "", 1+len(written)/3
	for _, name := range names {
		if d := edits(written, strings.ToLower(name)); d <= near {
			best, near = name, d-1
		}
	}
	return best
}

// edits returns how many letters must be inserted, deleted or replaced to turn
// one word into the other (Levenshtein). Two neighbours that are swapped count
// as one.
func edits(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j], row[j-1]) + 1
			same := last[j-1]
			if a[i-1] != b[j-1] {
				same++
			}
			row[j] = min(row[j], same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
