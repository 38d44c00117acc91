package archive

import "fmt"

// Problem says why a file with the name of a report is not used.
type Problem uint8

// The problems.
const (
	Unreadable Problem = iota + 1 // could not be opened or read
	NotRegular                    // a symlink, directory, pipe or device
	TooBig                        // larger than any report that sockleak writes
	Truncated                     // it ends in the middle
	Changed                       // not what was written: edited or damaged
	Malformed                     // unchanged, and yet not a report
	Newer                         // written by a newer sockleak with another major schema
	OtherHost                     // of another host than the one asked for
)

// String says in a few words what the problem is.
func (p Problem) String() string {
	switch p {
	case Unreadable:
		return "unreadable"
	case NotRegular:
		return "not a regular file"
	case TooBig:
		return "too big"
	case Truncated:
		return "truncated"
	case Changed:
		return "edited or damaged"
	case Malformed:
		return "not a report"
	case Newer:
		return "of a newer schema"
	case OtherHost:
		return "of another host"
	}
	return "unknown"
}

// ReportError is returned for a file that is not used.
type ReportError struct {
	File    string
	Problem Problem
	Err     error // nil when Problem says it all
}

// Error names the file and the problem in one line.
func (e *ReportError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("report %s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("report %s: %s: %v", e.File, e.Problem, e.Err)
}

// Unwrap returns the cause.
func (e *ReportError) Unwrap() error { return e.Err }
