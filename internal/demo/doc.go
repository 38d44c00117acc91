// Package demo is a program that leaks sockets on purpose, for a first look at
// what sockleak finds. It talks to nobody but its own peer on the loopback
// interface.
package demo
