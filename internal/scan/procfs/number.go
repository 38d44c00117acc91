//go:build linux

package procfs

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
		if digit >= base || v > (1<<64-1-digit)/base {
			return 0, false
		}
		v = v*base + digit
	}
	return v, true
}
