//go:build kernels

package cli_test

import "testing"

// TestKernels runs the sessions in testdata/kernels. They are for a machine of
// one's own: they need one without the kernel's modules, or switch on what
// only a reboot switches off. .ci/kernels/run boots one.
func TestKernels(t *testing.T) { run(t, "testdata/kernels") }
