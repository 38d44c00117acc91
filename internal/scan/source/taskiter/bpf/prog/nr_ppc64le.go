package prog

const sysBPF = 361 // __NR_bpf (arch/powerpc/kernel/syscalls/syscall.tbl)
