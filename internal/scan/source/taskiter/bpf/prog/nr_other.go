//go:build !amd64 && !arm64 && !riscv64 && !loong64 && !ppc64le

package prog

// sysBPF is the number of no system call: programs are written for the other
// machines.
const sysBPF = 1<<16 - 1
