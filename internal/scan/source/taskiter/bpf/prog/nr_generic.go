//go:build arm64 || riscv64 || loong64

package prog

const sysBPF = 280 // __NR_bpf (include/uapi/asm-generic/unistd.h)
