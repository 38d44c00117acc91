package sockleaktest

import (
	"errors"
	"fmt"
	"os"
)

// TestingM is the part of *testing.M that is needed.
type TestingM interface {
	Run() int
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
		fmt.Fprintln(os.Stderr, "sockleaktest: "+message(left, configOf(opts).settle, inspect()))
		return 1
	}
	return 0
}
