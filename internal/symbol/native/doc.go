// Package native unwinds the stacks of compiled programs (C, C++, Rust) by the
// .eh_frame that they carry for exceptions, and names functions and lines by
// their symbols and DWARF.
//
// Of a thread that sleeps only the program counter and the stack pointer are
// known. Registers that a function has saved on the stack become known on the
// way. Where the next frame depends on one that is not, or a function has no
// table, the function's first instructions say how far the return address is
// (amd64); if they do not, the stack ends: what is missing is better than what is
// guessed.
package native
