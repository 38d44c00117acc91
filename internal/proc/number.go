//go:build linux

package proc

import (
	"math"
	"math/bits"
)

// parseUint parses an unsigned number in base 10, 8 or 16 without the
// conversion to a string that strconv would need for every field of a row.
func parseUint(text []byte, base uint64) (v uint64, ok bool) {
	if len(text) == 0 {
		return 0, false
	}
	for _, c := range text {
		digit := uint64(c - '0')
		switch {
		case 'a' <= c && c <= 'f':
			digit = uint64(c-'a') + 10
		case 'A' <= c && c <= 'F':
			digit = uint64(c-'A') + 10
		case c < '0' || c > '9':
			return 0, false
		}
		high, low := bits.Mul64(v, base)
		if digit >= base || high != 0 || low > math.MaxUint64-digit {
			return 0, false
		}
		v = low + digit
	}
	return v, true
}
