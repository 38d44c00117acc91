// Package sockleaktest fails a Go test that leaves sockets open.
//
// In one test:
//
//	func TestFetch(t *testing.T) {
//		sockleaktest.Check(t)
//		...
//	}
//
// Or for all tests of a package:
//
//	func TestMain(m *testing.M) {
//		sockleaktest.VerifyTestMain(m)
//	}
//
// A failure says what was left open, who still waits on it, and what to close:
//
//	found 120 sockets still open 2s after the test:
//	  60 x tcp to 127.0.0.1:45725, ESTABLISHED at both ends (fd 7 and 8, 9 and 11, 12 and 13, 57 more)
//	        client: no goroutine waits on it
//	        server: goroutine 13 waits on it in net/http.(*conn).serve, started by net/http.(*Server).Serve
//	        fix: resp.Body.Close(): net/http waits for the end of a response's body; for other connections conn.Close()
//
// # What counts
//
// Every descriptor of the test's own process that is a socket, except the
// standard streams and what the options ignore: TCP, UDP, UNIX and all other
// families, in every state, also those that were never connected and those
// that a reset has closed under the program.
//
// Only a socket that is seen again and again until the settling time has
// passed ([Settle], two seconds unless told otherwise) is reported, so that
// a server's goroutine has time to end, and connections that come and go are
// not mistaken for a leak. Sockets are told apart by the kernel's cookie: a
// new socket under an old descriptor number is new.
//
// # What it cannot do
//
// It does not know which line opened a socket: the kernel keeps no stack. It
// names the goroutine that waits on it, where one does; otherwise the
// addresses tell, or Check in single tests.
//
// Tests that run in parallel share one process. While another test runs,
// Check decides nothing, and logs that. Of tests that overlap, the last to end
// may so be told about what an earlier one left. Add [VerifyTestMain], which
// looks when all are over.
//
// A connection that is unreachable is closed when the garbage collector
// happens to run, and may so escape notice. The package does not run the
// collector: that would hide every such leak.
//
// Sockets of child processes are not seen; sockleak check -- go test sees
// them.
//
// It needs Linux with /proc mounted, and no privilege. On other systems it
// checks nothing, and says so in the test's log. It is a module of its own
// that needs Go 1.21 and golang.org/x/sys, and nothing else.
package sockleaktest
