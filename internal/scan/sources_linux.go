package scan

// sources returns every source of this system, in the order in which they
// are tried: the one that sees most comes first, and the first that can be
// used is. Which is cheapest would depend on the work, but each sees less than
// the one before it (Lacks), and an answer must not depend on how much there
// was to look at. The order is that of the cost too, but for single looks at
// few sockets on a quiet host, where all of them take about as long as it
// takes to start.
func sources() []Source {
	return []Source{
		newBPFSource(),
		newSockdiagSource(),
		newProcfsSource(),
		gopsSource{},
	}
}
