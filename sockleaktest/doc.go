// Package sockleaktest fails a Go test that leaves sockets open.
//
// In one test:
//
//	func TestFetch(t *testing.T) {
//		defer sockleaktest.VerifyNone(t, sockleaktest.IgnoreCurrent())
//		...
//	}
//
// Or for all tests of a package:
//
//	func TestMain(m *testing.M) {
//		sockleaktest.VerifyTestMain(m)
//	}
//
// A failure says what was left open: descriptor, protocol, state, both
// addresses, bytes that nobody read, and what to close.
//
//	found 1 socket still open 2s after the test:
//	  fd 9  tcp ESTABLISHED 127.0.0.1:47330 -> 127.0.0.1:38423
//	        close the connection; after net/http: close resp.Body, then client.CloseIdleConnections()
//
// # What counts
//
// Every descriptor of the test's own process that is a socket, except the
// standard streams and what the options ignore: TCP, UDP, UNIX and all other
// families, in every state, also those that were never connected and those
// that a reset has closed under the program. A socket that is closed within
// the settling time ([Settle], two seconds unless told otherwise) does not
// count, so that a server's goroutine has time to end. Sockets are told apart
// by the kernel's cookie, so a new socket under an old descriptor number is
// new.
//
// # What it cannot do
//
// It does not know which line opened a socket: the kernel keeps no stack. The
// addresses usually tell; otherwise narrow it down with VerifyNone in single
// tests.
//
// Tests that run in parallel share one process: VerifyNone in one of them
// sees the sockets of the others. Use [VerifyTestMain] there.
//
// A connection that is unreachable is closed when the garbage collector
// happens to run, and may so escape notice. The package does not run the
// collector: that would hide every such leak.
//
// Sockets of child processes are not seen; sockleak check -- go test sees
// them.
//
// It needs Linux with /proc mounted, and no privilege. On other systems it
// checks nothing, and says so in the test's log. It imports nothing but the
// standard library, golang.org/x/sys and this module.
package sockleaktest
