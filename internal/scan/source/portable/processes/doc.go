// Package processes finds and describes processes through gopsutil, where there
// is no Linux. On Linux only its tests use it: gopsutil's package cpu, which comes
// with this, reads /proc/stat twice before main, in which the kernel sums up all
// interrupts of all processors. A look must not cost what the machine costs.
package processes
