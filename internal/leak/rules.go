package leak

// Rules returns every rule, in the order in which they judge: what has a
// more particular cause comes before what has a more general one.
func Rules() []Rule {
	return []Rule{
		closeWaitEOFRead(),
		closeWaitDataUnread(),
		closeWaitEOFUnread(),
		neverAccepted(),
		finWait2Held(),
	}
}
