// Package rules holds the rules of package leak, one file each, and their
// list. What several of them ask is beside them: spares.go and proofs.go.
package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// All returns every rule, in the order in which they judge: what has a more
// particular cause comes before what has a more general one.
func All() []leak.Rule {
	return []leak.Rule{
		stopped(),
		spinOnEOF(),
		inherited(),
		closeSkipped(),
		closeDeferred(),
		closeWaitEOFRead(),
		closeWaitDataUnread(),
		closeWaitEOFUnread(),
		deadPool(),
		neverAccepted(),
		saturated(),
		listenerUnserved(),
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
		bothEndsHere(),
		closedInURing(),
		udpPerRequest(),
		survivors(),
		duplicateDescriptors(),
		portPressure(),
		orphans(),
		timeWait(),
		fdLimit(),
	}
}

// Judge applies every rule to the history; see leak.Judge.
func Judge(h *track.History, set leak.Settings) []leak.Finding { return leak.Judge(All(), h, set) }

// ByID returns the rule with the given ID.
func ByID(id string) (leak.Rule, bool) { return leak.Find(All(), id) }

// Questions returns what the verdict of these rules hangs on; see
// leak.Questions.
func Questions(h *track.History, set leak.Settings) *socket.Questions {
	return leak.Questions(All(), h, set)
}
