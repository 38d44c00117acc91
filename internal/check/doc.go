// Package check gives a build a verdict that people do not learn to ignore.
//
// Its contract: warm up until the number of sockets is stable, remember the
// sockets that are open then as a set of identities (the baseline), let the
// traffic run (the exercise), wait for transients and idle time-outs to end
// (settle), look again in two windows (confirm), and judge. What is new,
// survives both windows and is explained by a rule counts; a number that
// merely differs does not. Too few looks are an answer of their own.
//
// The package scans nothing and prints nothing: it gets a function that
// looks, and yields findings. Its only clock is the one in the Plan and the
// timers of package time, so that its tests run under testing/synctest.
package check
