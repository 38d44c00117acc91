//go:build !linux

package cli_test

import "errors"

// hinder is for Linux.
func hinder([]string) int { return fail(errors.ErrUnsupported) }

// crawler is for Linux.
func crawler([]string) int { return fail(errors.ErrUnsupported) }
