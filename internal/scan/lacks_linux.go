package scan

// Lacks says that nothing is seen that the bpf source does not see.
func (*bpfSource) Lacks() string { return "" }

// Lacks says what is in no table, or in none that netlink shows.
func (*sockdiagSource) Lacks() string {
	return "what became of sockets in no table (reset, failed or never connected), and the kernel's own word on who waits for and who shares a socket"
}

// Lacks says what the text tables do not have beside that.
func (*procfsSource) Lacks() string {
	return "ages of connections, cookies, MPTCP states, bound sockets and peers of UNIX sockets"
}
