// Package user_test is a program that uses sockleaktest. Its tests are run by
// TestUserModule; those whose names begin with TestLeak are to fail.
package user_test

import (
	"net"
	"testing"
	"time"

	"github.com/sockleak/sockleak/sockleaktest"
)

var kept []net.Listener // out of reach of the garbage collector

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// wait is how long the healthy parallel tests hold their listener: longer than
// the others take to end.
const wait = time.Second

func TestClean(t *testing.T) {
	sockleaktest.Check(t)
	defer listen(t).Close()
	t.Cleanup(func() { kept[0].Close() }) // closed before Check looks
	kept = []net.Listener{listen(t)}
}

func TestLeak(t *testing.T) {
	sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond)) // line 36
	kept = append(kept, listen(t))
}

func TestLeakSubtests(t *testing.T) {
	sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept = append(kept, listen(t))
		})
	}
}

func TestFailed(t *testing.T) {
	sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
	kept = append(kept, listen(t))
	t.Fatal("failed by itself")
}

// TestParallel: the test that ends first is not accused of the socket of the
// other.
func TestParallel(t *testing.T) {
	checked, opened := make(chan bool), make(chan bool)
	t.Run("first", func(t *testing.T) {
		t.Parallel()
		sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
		close(checked)
		<-opened
	})
	t.Run("second", func(t *testing.T) {
		t.Parallel()
		sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
		<-checked
		l := listen(t)
		close(opened)
		time.Sleep(wait)
		l.Close()
	})
}

// TestPaused: it has opened a socket before it waits for the tests that are
// not parallel, which are not accused of it.
func TestPaused(t *testing.T) {
	l := listen(t)
	defer l.Close()
	t.Parallel()
	time.Sleep(wait)
}

func TestBesidePaused(t *testing.T) {
	sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
	defer listen(t).Close()
}

func TestLeakBesidePaused(t *testing.T) {
	sockleaktest.Check(t, sockleaktest.Settle(10*time.Millisecond))
	kept = append(kept, listen(t))
}
