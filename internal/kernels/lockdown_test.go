//go:build kernels

package kernels

import "testing"

func TestNoModules(t *testing.T) {}
func TestLockdown(t *testing.T)  {}
