package leak

// Level says how much a finding proves.
type Level uint8

// The levels, in rising order.
const (
	Note    Level = iota + 1 // context: limits, pressure, what to know
	Suspect                  // looks wrong, but could be a pool or a protocol
	Leak                     // evidence enough to fail a build
)

// String returns the level in lower case.
func (l Level) String() string {
	switch l {
	case Note:
		return "note"
	case Suspect:
		return "suspect"
	case Leak:
		return "leak"
	}
	return "none"
}

// ParseLevel returns the level that String spells so.
func ParseLevel(s string) (Level, bool) {
	for l := Note; l <= Leak; l++ {
		if l.String() == s {
			return l, true
		}
	}
	return 0, false
}
