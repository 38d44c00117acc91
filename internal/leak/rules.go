package leak

// Rules returns every rule, in the order in which they judge: what has a
// more particular cause comes before what has a more general one.
func Rules() []Rule {
	return []Rule{
		spinOnEOF(),
		inherited(),
		deadPool(),
		closeWaitEOFRead(),
		closeWaitDataUnread(),
		closeWaitEOFUnread(),
		neverAccepted(),
		finWait2Held(),
		deadPeer(),
		recvWindowFull(),
		abandoned(),
		sendStuck(),
		heldByWorker(),
		slowLeak(),
		connectFailed(),
		resetNotClosed(),
		neverConnected(),
		boundUnused(),
		synSentStuck(),
		unixPeerGone(),
		udpPerRequest(),
		duplicateDescriptors(),
		portPressure(),
		orphans(),
		timeWait(),
		fdLimit(),
	}
}
