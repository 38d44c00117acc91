package report

import "github.com/sockleak/sockleak/internal/words"

// cleanAll returns the cleaned strings, nil for none.
func cleanAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, words.Clean(s))
	}
	return out
}
