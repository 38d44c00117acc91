// Package kernels holds tests for a machine of one's own: they unload what
// others use, or switch on what only a reboot switches off. .ci/kernels/run
// builds them (with the tag kernels) and runs them in virtual machines with
// other kernels than this one.
package kernels
