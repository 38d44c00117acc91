package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan/target"
)

// The exit codes, the same for every command and format.
const (
	exitClean  = 0 // looked, and found nothing at or above --fail-on
	exitFailed = 1 // the tool itself failed
	exitUsage  = 2 // the command line was wrong
	exitFound  = 3 // found something at or above --fail-on
	exitUnseen = 4 // inconclusive: not enough was visible
)

// codeError ends the program with a code. Without err it does so silently:
// the report has said everything.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// usage marks an error as one of the command line.
func usage(format string, args ...any) error {
	return &codeError{exitUsage, fmt.Errorf(format, args...)}
}

// codeOf returns the exit code for an error of a command.
func codeOf(err error) int {
	var coded *codeError
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, target.ErrBadTarget):
		return exitUsage
	case errors.Is(err, target.ErrNoProcess), errors.Is(err, target.ErrNoMatch),
		errors.Is(err, target.ErrZombie), errors.Is(err, target.ErrKernelThread):
		return exitUnseen
	case errors.Is(err, context.Canceled):
		return exitFailed
	}
	return exitFailed
}

// verdictCode returns the exit code for a report.
func verdictCode(r *report.Report, failOn leak.Level, allowPartial bool) int {
	if failOn != 0 {
		for i := range r.Findings {
			if r.Findings[i].Level >= failOn {
				return exitFound
			}
		}
	}
	if r.Snapshot.Blind() && !allowPartial {
		return exitUnseen
	}
	return exitClean
}
