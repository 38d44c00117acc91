// Package python reads the stacks of CPython's threads out of the interpreter's
// memory, of CPython 3.9 to 3.15. It opens nothing: it is handed the memory and the
// address of _PyRuntime. Every pointer may lie or change while it is followed:
// all lengths are bounded, all lists have an end, and what is no code object
// gives no frame.
package python
