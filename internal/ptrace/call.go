package ptrace

// Call is a system call that has returned.
type Call struct {
	TID    int
	Number int   // SYS_*
	Result int64 // a negative one is an errno
	Args   [6]uint64
	PC, SP uint64
	regs   registers

	command *Command
}

// Saved returns the registers that a called function keeps for its caller, by
// their numbers in DWARF (psABI).
func (c *Call) Saved() map[uint64]uint64 { return c.regs.saved() }

// Go returns the register in which code of Go keeps the goroutine
// (cmd/compile/abi-internal.md).
func (c *Call) Go() uint64 { return c.regs.goroutine() }

// Word returns the word at an address of the thread's memory, while it is
// stopped.
func (c *Call) Word(addr uint64) (uint64, error) { return peek(c.TID, addr) }
