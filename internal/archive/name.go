package archive

import (
	"strings"
	"time"
)

// Name is the name of a report file, taken apart:
// sockleak-20261121T044319.123456Z-HOST-01234567.json.
type Name struct {
	Time time.Time // UTC, in microseconds: when the look began
	Host string    // the host as it can stand in a file name, see SafeHost
	Sum  string    // CRC-32C of the content, 8 hex digits
}

const (
	prefix     = "sockleak-"
	suffix     = ".json"
	timeLayout = "20060102T150405.000000Z"
	sumLength  = 8
)

// String returns the file name. Names sort by time, then host.
func (n Name) String() string {
	return prefix + n.Time.UTC().Format(timeLayout) + "-" + n.Host + "-" + n.Sum + suffix
}

// ParseName takes a file name apart. ok is false unless String would give
// exactly the same name back.
func ParseName(file string) (n Name, ok bool) {
	s, found := strings.CutPrefix(file, prefix)
	if !found {
		return Name{}, false
	}
	s, found = strings.CutSuffix(s, suffix)
	// The time and the checksum have fixed lengths; the host is between them.
	if !found || len(s) < len(timeLayout)+1+1+1+sumLength {
		return Name{}, false
	}
	at, err := time.Parse(timeLayout, s[:len(timeLayout)])
	if err != nil {
		return Name{}, false
	}
	n.Time = at
	n.Host = strings.TrimPrefix(s[len(timeLayout):len(s)-sumLength-1], "-")
	n.Sum = s[len(s)-sumLength:]
	return n, n.String() == file && SafeHost(n.Host) == n.Host && isHex(n.Sum)
}

// maxHost is HOST_NAME_MAX of Linux (limits.h).
const maxHost = 64

// SafeHost turns a host name into one that can stand in a file name: every
// byte but letters, digits, '.' and '-' becomes '-'. Different hosts can
// become the same; the report itself tells them apart.
func SafeHost(host string) string {
	if host == "" {
		return "unknown"
	}
	b := []byte(host)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-':
		default:
			b[i] = '-'
		}
	}
	return string(b[:min(len(b), maxHost)])
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
