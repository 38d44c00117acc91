//go:build !linux

package prog

// Begun is a program that is being loaded. There is none here.
type Begun struct{}
