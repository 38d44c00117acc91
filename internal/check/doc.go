// Package check gives a build a verdict that people do not learn to ignore.
//
// Follow judges a test command: each of its processes is followed from its
// birth to its end, sampled by its own age, and judged by what it held when it
// ended. What several processes show alike is one finding.
//
// Run judges a server or a running process: warm up until the number of
// sockets is stable, remember the sockets that are open then as a set of
// identities (the baseline), let the traffic run (the exercise), wait for
// transients and idle time-outs to end (settle), sample again in two windows
// (confirm), and judge. What is new, survives both windows and is explained by
// a rule counts; a number that merely differs does not.
//
// The package scans nothing and prints nothing: it gets functions that look,
// and yields findings. Its only clock is the one that it is given and the
// timers of package time, so that its tests run under testing/synctest.
package check
