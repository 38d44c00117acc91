package archive

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/report"
)

// MaxSockets is the number of sockets that a stored report lists at most, the
// oldest first: about 300 KB. The counts of its findings stay true.
const MaxSockets = 1000

// trim returns the document with at most MaxSockets sockets. It does not
// change the one given.
func trim(doc *report.Document) *report.Document {
	if len(doc.Sockets) <= MaxSockets {
		return doc
	}
	order := make([]int, len(doc.Sockets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(doc.Sockets[b].AgeAtLeastSeconds, doc.Sockets[a].AgeAtLeastSeconds)
	})
	order = order[:MaxSockets]
	slices.Sort(order)
	short := *doc
	short.Sockets = make([]report.DocumentSocket, 0, MaxSockets)
	for _, i := range order {
		short.Sockets = append(short.Sockets, doc.Sockets[i])
	}
	short.SocketsLeftOut = doc.SocketsLeftOut + len(doc.Sockets) - MaxSockets
	return &short
}
