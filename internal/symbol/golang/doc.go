// Package golang reads the stacks of goroutines and the symbols of Go programs
// out of their memory and their executable, from Go 1.21 on: stripped, without
// paths, position-independent or with cgo.
//
// It opens nothing: it is handed the bytes. All of them may lie, so every
// offset is checked and every loop has an end; what does not fit together
// gives no line rather than a wrong one.
package golang
