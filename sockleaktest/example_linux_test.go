package sockleaktest_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/sockleak/sockleak/sockleaktest"
)

// printer stands for the *testing.T of the examples' tests. It prints how a failure
// begins; what follows names descriptors and ports, which differ each time.
type printer struct{}

func (printer) Error(args ...any) { fmt.Printf("FAIL: %.36s ...\n", fmt.Sprint(args...)) }

func ExampleCheck() {
	_ = func(t *testing.T) { // func TestFetch(t *testing.T)
		sockleaktest.Check(t)

		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // without it the test fails
	}
}

func ExampleVerifyNone() {
	var t printer
	func() { // the test
		defer sockleaktest.VerifyNone(t, sockleaktest.IgnoreCurrent())

		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer l.Close()
	}()
	fmt.Println("nothing was left open")
	// Output: nothing was left open
}

func ExampleVerifyNone_leak() {
	var t printer
	var leaked net.Listener
	func() { // the test
		defer sockleaktest.VerifyNone(t, sockleaktest.IgnoreCurrent(), sockleaktest.Settle(100*time.Millisecond))

		leaked, _ = net.Listen("tcp", "127.0.0.1:0")
	}()
	leaked.Close()
	// Output: FAIL: found 1 socket still open 100ms afte ...
}

func ExampleVerifyTestMain() {
	// In a file of the package's tests:
	_ = func(m *testing.M) { // func TestMain(m *testing.M)
		sockleaktest.VerifyTestMain(m, sockleaktest.IgnorePeer(":5432")) // the pool to the database stays
	}
}

func ExampleFind() {
	current := sockleaktest.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	left, err := sockleaktest.Find(current, sockleaktest.Settle(0))
	for _, s := range left {
		fmt.Println(s.Network, s.State, s.Local.Addr())
	}
	l.Close()
	left, err = sockleaktest.Find(current)
	fmt.Println(len(left), err)
	// Output:
	// tcp LISTEN 127.0.0.1
	// 0 <nil>
}

func ExampleIgnorePeer() {
	current := sockleaktest.IgnoreCurrent()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	pool, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()

	left, err := sockleaktest.Find(current,
		sockleaktest.IgnoreListener(l.Addr().String()),
		sockleaktest.IgnorePeer("127.0.0.0/8"))
	fmt.Println(len(left), err)
	// Output: 0 <nil>
}
