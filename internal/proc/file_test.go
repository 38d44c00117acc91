//go:build linux

package proc

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// chunked is a reader that gives at most size bytes at a time, as seq_file
// does.
type chunked struct {
	data []byte
	size int
}

func (c *chunked) Read(buf []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(buf[:min(len(buf), c.size)], c.data)
	c.data = c.data[n:]
	return n, nil
}

func TestEachLineErrors(t *testing.T) {
	stop := errors.New("stop")
	for name, tc := range map[string]struct {
		data  string
		lines int
		line  int // of the ParseError
		err   error
	}{
		"empty":     {"", 0, 0, nil},
		"whole":     {"a\nb\n", 2, 0, nil},
		"cut short": {"a\nb", 1, 2, nil},
		"too long":  {"a\n" + strings.Repeat("x", maxLine+1) + "\n", 1, 2, nil},
		"longest":   {strings.Repeat("x", maxLine-1) + "\n", 1, 0, nil},
		"stopped":   {"a\nstop\nb\n", 2, 0, stop},
	} {
		t.Run(name, func(t *testing.T) {
			lines := 0
			err := eachLine(&chunked{[]byte(tc.data), 3}, "file", func(_ int, line []byte) error {
				lines++
				if string(line) == "stop" {
					return stop
				}
				return nil
			})
			var parse *ParseError
			if errors.As(err, &parse) != (tc.line > 0) || (tc.line > 0 && parse.Line != tc.line) {
				t.Errorf("error %v; want one in line %d", err, tc.line)
			}
			if lines != tc.lines || (tc.err != nil && !errors.Is(err, tc.err)) || (tc.err == nil && tc.line == 0 && err != nil) {
				t.Errorf("%d lines, %v; want %d, %v", lines, err, tc.lines, tc.err)
			}
		})
	}
}
