// Package testkit starts the processes that tests look at, and says what a test
// needs. Only tests import it.
//
// A test binary is also its children: TestMain calls Main, which runs one of
// them where Spawn has asked for it. What runs as another user is started through
// /proc/self/exe, for that user may not search the directory of the binary.
package testkit
