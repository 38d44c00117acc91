package archive

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/report"
)

// MaxSockets is the number of sockets that a stored report lists at most, the
// oldest first: about 300 KB. The counts of its findings stay true.
const MaxSockets = 1000

// trim returns the document with at most the n oldest sockets. It does not
// change the one given.
func trim(doc *report.Document, n int) *report.Document {
	if len(doc.Sockets) <= n {
		return doc
	}
	order := make([]int, len(doc.Sockets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(doc.Sockets[b].AgeAtLeastSeconds, doc.Sockets[a].AgeAtLeastSeconds)
	})
	order = order[:n]
	slices.Sort(order)
	short := *doc
	short.Sockets = make([]report.DocumentSocket, 0, n)
	for _, i := range order {
		short.Sockets = append(short.Sockets, doc.Sockets[i])
	}
	short.SocketsLeftOut = doc.SocketsLeftOut + len(doc.Sockets) - n
	return &short
}

func withoutSockets(doc *report.Document) *report.Document { return trim(doc, 0) }

func withoutCommands(doc *report.Document) *report.Document {
	short := *doc
	short.Processes = slices.Clone(doc.Processes)
	for i := range short.Processes {
		short.Processes[i].Command = nil
	}
	return &short
}
