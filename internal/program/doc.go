// Package program opens what runs in a process, so that stacks of it can be
// followed and named: the tables of a Go program, the interpreter of a Python
// program, the unwinding tables and symbols of compiled files.
//
// It reads the memory of the process and its files, stops nothing and writes
// nothing.
package program
