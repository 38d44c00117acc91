package prog

const sysBPF = 321 // __NR_bpf (arch/x86/entry/syscalls/syscall_64.tbl)
