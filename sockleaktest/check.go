package sockleaktest

import (
	"errors"
	"fmt"
)

// TestingT is the part of *testing.T that VerifyNone needs.
type TestingT interface {
	Error(args ...any)
}

// CheckedT is the part of *testing.T that Check needs.
type CheckedT interface {
	TestingT
	Cleanup(func())
	Failed() bool
	Helper()
}

// Check fails the test when it leaves sockets open. It belongs at the top of a
// test, after t.Parallel where there is one: it remembers what is open now,
// and looks again when the test, its subtests and all cleanups that were
// registered after it are over.
//
// A test that has failed is not checked: it may not have tidied up. While
// another test runs at the same time, nothing is decided, as the sockets may
// be the other's; that is logged. VerifyTestMain decides about such tests.
func Check(t CheckedT, opts ...Option) {
	t.Helper()
	opts = append([]Option{IgnoreCurrent()}, opts...)
	all, _ := goroutines()
	begin := otherTests(all)
	t.Cleanup(func() {
		t.Helper()
		if !t.Failed() {
			verify(t, begin, opts)
		}
	})
}

// VerifyNone fails the test when sockets are open that no option ignores, now
// or within the time of Settle. Without options that are all sockets of the
// process. It is for the end of a test, or for a defer statement at its top:
//
//	defer sockleaktest.VerifyNone(t, sockleaktest.IgnoreCurrent())
//
// Check is shorter, and sees what cleanups close.
func VerifyNone(t TestingT, opts ...Option) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	verify(t, running{}, opts)
}

// verify fails the test when sockets are left open. Other tests that were
// paused at the beginning, and still are, have opened nothing meanwhile.
func verify(t TestingT, begin running, opts []Option) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	left, err := Find(opts...)
	if len(left) == 0 && err == nil {
		return
	}
	p := inspect()
	other, beside := otherTests(p.all).since(begin)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		log(t, err)
	case err != nil:
		t.Error(err)
	case beside:
		log(t, fmt.Sprintf("sockleaktest: %s not judged: %s runs at the same time and may have opened what is open; VerifyTestMain judges all tests together",
			plural(len(left), "open socket"), other))
	default:
		t.Error(message(left, configOf(opts).settle, p))
	}
}

func log(t TestingT, args ...any) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	if l, ok := t.(interface{ Log(args ...any) }); ok {
		l.Log(args...)
	}
}
