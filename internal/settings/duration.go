package settings

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ParseDuration parses what time.ParseDuration does, and days and weeks in
// front of it: 90s, 12h, 30d, 1d12h, 2w. Durations are written like this on the
// command line and in the settings file. The error says what is wrong with the
// text, without repeating it.
func ParseDuration(text string) (time.Duration, error) {
	var sum time.Duration
	rest := text
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		number, behind, ok := strings.Cut(rest, unit.name)
		if n, err := strconv.ParseUint(number, 10, 12); ok && err == nil {
			sum, rest = sum+time.Duration(n)*unit.is, behind
		}
	}
	if rest == "" && text != "" {
		return sum, nil
	}
	v, err := time.ParseDuration(rest)
	switch {
	case err == nil && v < 0:
		return 0, errors.New("a duration cannot be negative")
	case err != nil || sum+v < sum:
		return 0, errors.New("not a duration; write it as 90s, 12h, 30d or 2w")
	}
	return sum + v, nil
}
