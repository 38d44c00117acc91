package sockleaktest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// TestingT is the part of *testing.T that is needed.
type TestingT interface {
	Error(args ...any)
}

// TestingM is the part of *testing.M that is needed.
type TestingM interface {
	Run() int
}

// VerifyNone fails the test when sockets are open that no option ignores. It
// waits for them to be closed, for as long as Settle says.
func VerifyNone(t TestingT, opts ...Option) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	left, err := Find(opts...)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		if l, ok := t.(interface{ Log(args ...any) }); ok {
			l.Log(err)
		}
	case err != nil:
		t.Error(err)
	case len(left) > 0:
		t.Error(message(left, configOf(opts).settle))
	}
}

// VerifyTestMain runs the tests of a package and then fails them when sockets
// are open that were not open before and that no option ignores. It does not
// return, except with Cleanup: it ends the process with the exit code.
//
// When tests have failed, nothing is checked: they may not have tidied up.
func VerifyTestMain(m TestingM, opts ...Option) {
	opts = append([]Option{IgnoreCurrent()}, opts...)
	exit := configOf(opts).cleanup
	if exit == nil {
		exit = os.Exit
	}
	code := m.Run()
	if code == 0 {
		code = verifyAll(opts)
	}
	exit(code)
}

func verifyAll(opts []Option) int {
	left, err := Find(opts...)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		fmt.Fprintln(os.Stderr, err)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	case len(left) > 0:
		fmt.Fprintln(os.Stderr, "sockleaktest: "+message(left, configOf(opts).settle))
		return 1
	}
	return 0
}

// Find returns the sockets that are open and that no option ignores, by
// descriptor, after waiting for them to be closed. Its error wraps
// errors.ErrUnsupported on systems where nothing can be checked.
func Find(opts ...Option) ([]Socket, error) {
	c := configOf(opts)
	if c.err != nil {
		return nil, c.err
	}
	deadline := time.Now().Add(c.settle)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		all, err := look()
		if err != nil {
			return nil, err
		}
		var left []Socket
		for _, s := range all {
			if !c.ignores(s) {
				left = append(left, s)
			}
		}
		if len(left) == 0 || !time.Now().Before(deadline) {
			return left, nil
		}
		time.Sleep(min(pause, time.Until(deadline)))
	}
}

// maxListed keeps a failure readable.
const maxListed = 20

func message(left []Socket, settle time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "found %d sockets still open %s after the test:", len(left), settle)
	if len(left) == 1 {
		b.Reset()
		fmt.Fprintf(&b, "found 1 socket still open %s after the test:", settle)
	}
	for i, s := range left {
		if i == maxListed {
			fmt.Fprintf(&b, "\n  and %d more", len(left)-maxListed)
			break
		}
		fmt.Fprintf(&b, "\n  %s\n        %s", s, s.remedy())
	}
	return b.String()
}
