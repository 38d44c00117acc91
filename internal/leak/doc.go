// Package leak judges. Its rules turn a track.History into findings: which
// sockets look leaked, on what evidence, and what to change in the code.
//
// Rules are pure: they read no clock, no file and no kernel interface. To add
// one, write a file with its Rule value and add one line to Rules.
package leak

//go:generate sh -c "cd ../.. && go run ./internal/docgen > docs/rules.md"
