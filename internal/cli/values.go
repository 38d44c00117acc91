package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// longDuration is a flag of a duration that may be given in days or weeks.
type longDuration time.Duration

// String returns the duration as time.Duration prints it.
func (d *longDuration) String() string { return time.Duration(*d).String() }

// Type names the value in help texts.
func (d *longDuration) Type() string { return "duration" }

// Set parses a duration such as 90s, 12h, 30d or 2w.
func (d *longDuration) Set(text string) error {
	v, err := parseLongDuration(text)
	*d = longDuration(v)
	return err
}

func parseLongDuration(text string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		number, ok := strings.CutSuffix(text, suffix)
		if n, err := strconv.ParseUint(number, 10, 16); ok && err == nil {
			return time.Duration(n) * unit, nil
		}
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 12h, 30d or 2w", text)
	}
	return v, nil
}

// size is a flag of a number of bytes.
type size int64

// String returns the number of bytes.
func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

// Type names the value in help texts.
func (s *size) Type() string { return "size" }

// Set parses a size such as 500000, 500K, 500M or 2G, in powers of 1024.
func (s *size) Set(text string) error {
	number, shift := text, 0
	for i, unit := range []string{"K", "M", "G", "T"} {
		if n, ok := strings.CutSuffix(strings.ToUpper(text), unit); ok {
			number, shift = n, 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n > 1<<62>>shift {
		return fmt.Errorf("%q is not a size such as 500K, 500M or 2G", text)
	}
	*s = size(n << shift)
	return nil
}
