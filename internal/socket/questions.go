package socket

// Questions names sockets of a snapshot on which a verdict hangs, by what is to
// be found out about each: what is at its other end, who waits for it, who holds
// it. Each list names a socket once, what is wanted most first: where one is
// longer than what is worth its cost, the end is left out, and a [Gap] says so.
type Questions struct {
	Peers       []*Socket // Peer: what is at the other end
	PeerHolders []*Socket // of Peers: Peer.Holders too, the processes that hold it
	Waiters     []*Socket // Watch: who waits for it
	// Stacks: Watch once more, with where in its program each waits, read out of
	// the memory of the processes; what a finding is about is worth that.
	Stacks []*Socket
	// Lines: where in its program each waits, and no more: the rest of Watch stays
	// as it is, so that no verdict changes by it.
	Lines []*Socket
	// Acceptors: of listeners, Watch.Elsewhere: where the threads are that are to
	// accept connections, when none waits for one.
	Acceptors []*Socket
	// Holders: every process of the machine that holds it, with the flags of
	// the descriptors, and HasHolders where none can have been missed: the kernel
	// counts no more references, or all processes could be read. (A copy that is in
	// flight between two processes is noticed by the count only.)
	Holders []*Socket
}
