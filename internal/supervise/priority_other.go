//go:build !linux

package supervise

// Hurry does nothing on this system.
func Hurry() {}
